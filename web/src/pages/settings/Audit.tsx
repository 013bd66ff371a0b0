import { Link } from "wouter";
import type { AuditView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { type Column, ListingTable } from "../../components/DataTable";
import { Notice } from "../../components/Notice";
import { When } from "../../components/When";
import { Differences } from "./Differences";
import { UndoEntry } from "./UndoEntry";

const COLUMNS: Column<AuditView>[] = [
  { name: "When", show: (one) => <When at={one.at} /> },
  { name: "Who", show: (one) => one.by },
  { name: "Did", show: (one) => one.action.replaceAll("_", " ") },
  { name: "To", show: (one) => <Subject path={one.path} /> },
  { name: "What changed", show: (one) => <Differences before={one.before} after={one.after} /> },
  { name: "From", show: (one) => one.address || "this machine", isExtra: true },
  { name: "", show: (one) => (one.is_undoable ? <UndoEntry entry={one} /> : null) },
];
const PAGED = /^\/(segments|sources|connections|connections\/\d+\/goals|runs)\/[\w-]+/;

/** What it was about, with its page where it has one. */
function Subject({ path }: { path: string }) {
  const name = path.replace("/api/v1", "");
  const page = PAGED.exec(name)?.[0];
  return page ? <Link href={page}>{name}</Link> : name;
}

/** Who changed what, newest first; `below`: only of what lies below an address of the API. */
export function Audit({ below = "" }: { below?: string }) {
  const entries = useListing<AuditView>("/api/v1/audit", { path: below }, { on: ["config"] });
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
