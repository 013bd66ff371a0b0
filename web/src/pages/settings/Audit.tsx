import type { AuditView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { type Column, ListingTable } from "../../components/DataTable";
import { Notice } from "../../components/Notice";
import { inLine } from "../../components/value";
import { When } from "../../components/When";

const COLUMNS: Column<AuditView>[] = [
  { name: "When", show: (one) => <When at={one.at} /> },
  { name: "Who", show: (one) => one.by },
  { name: "Did", show: (one) => one.action.replaceAll("_", " ") },
  { name: "To", show: (one) => one.path.replace("/api/v1", "") },
  {
    name: "Before",
    show: (one) => (one.before === null ? "–" : inLine(one.before)),
    isExtra: true,
  },
  { name: "After", show: (one) => (one.after === null ? "–" : inLine(one.after)), isExtra: true },
  { name: "From", show: (one) => one.address || "this machine", isExtra: true },
];

/** Who changed what, newest first. */
export function Audit() {
  const entries = useListing<AuditView>("/api/v1/audit");
  return (
    <ListingTable
      of={entries}
      columns={COLUMNS}
      keyOf={(one) => one.id}
      empty={
        <Notice title="Nothing was changed yet" level={2}>
          Every change stands here: who, when, from where, before and after.
        </Notice>
      }
    />
  );
}
