import { Link } from "wouter";
import type { AuditView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { type Column, ListingTable } from "../../components/DataTable";
import { Notice } from "../../components/Notice";
import { When } from "../../components/When";
import { Differences } from "./Differences";
import classes from "./settings.module.css";
import { UndoEntry } from "./UndoEntry";

const COLUMNS: Column<AuditView>[] = [
  { name: "When", show: (one) => <When at={one.at} /> },
  { name: "Who", show: (one) => one.by },
  { name: "Did", show: (one) => <Act of={one} /> },
  { name: "What changed", show: (one) => <Changed of={one} /> },
  { name: "From", show: (one) => one.address || "this machine", isExtra: true },
];
const PAGED = /^\/(segments|sources|connections|connections\/\d+\/goals|runs)\/[\w-]+/;

/** What was done, and to what, with its page where it has one. */
function Act({ of: { action, path } }: { of: AuditView }) {
  const name = path.replace("/api/v1", "");
  const page = PAGED.exec(name)?.[0];
  return (
    <>
      <span className={classes.act}>{action.replaceAll("_", " ")}</span>
      <br />
      {page ? <Link href={page}>{name}</Link> : name}
    </>
  );
}

function Changed({ of: one }: { of: AuditView }) {
  return (
    <>
      <Differences before={one.before} after={one.after} />
      {one.is_undoable ? <UndoEntry entry={one} /> : null}
    </>
  );
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
