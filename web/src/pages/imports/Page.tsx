import { Link, useLocation } from "wouter";
import type { ImportView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { useMay } from "../../api/useMe";
import { type Column, ListingTable } from "../../components/DataTable";
import { formatExact } from "../../components/format";
import { Notice } from "../../components/Notice";
import { PageFrame } from "../../components/PageFrame";
import { When } from "../../components/When";
import { StateOf } from "../runs/columns";
import { DropFile } from "./DropFile";

const COLUMNS: Column<ImportView>[] = [
  { name: "File", show: (one) => one.file },
  { name: "Status", show: (one) => <StateOf state={one.state} /> },
  { name: "Source", show: (one) => one.source, isExtra: true },
  {
    name: "Rows",
    show: (one) => (one.rows === null ? "–" : formatExact(one.rows)),
    isNumber: true,
    isExtra: true,
  },
  { name: "Events", show: (one) => formatExact(one.passed), isNumber: true },
  { name: "Refused", show: (one) => <Refused of={one} />, isNumber: true },
  { name: "Asked", show: (one) => <When at={one.created_at} /> },
  { name: "By", show: (one) => one.by, isExtra: true },
];

/** What was brought in from files, and the next one. */
export default function Page() {
  const imports = useListing<ImportView>("/api/v1/imports", {}, { on: ["runs", "config"] });
  const mayImport = useMay("operate");
  const [, go] = useLocation();
  return (
    <PageFrame
      title="Imports"
      meaning="Past orders, a list of customers, an export of another system: files that become events."
    >
      {mayImport ? <DropFile onSent={(file) => go(`/imports/new?file=${file}`)} /> : null}
      <ListingTable
        of={imports}
        columns={COLUMNS}
        keyOf={(one) => one.id}
        hrefOf={(one) => `/runs/${one.id}`}
        empty={
          <Notice
            title="No file was imported yet"
            command="onefold import customers.csv --suggest"
            level={2}
          >
            Drop one above, or look at it from a terminal.
          </Notice>
        }
      />
    </PageFrame>
  );
}

/** Rows that cannot be used are dead letters of the import's source. */
function Refused({ of: one }: { of: ImportView }) {
  if (one.rejected === 0) return "0";
  const address = `/dead-letters?source=${encodeURIComponent(one.source)}`;
  return <Link href={address}>{formatExact(one.rejected)}</Link>;
}
