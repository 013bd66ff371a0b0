import type { AuditView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { type Column, ListingTable } from "../../components/DataTable";
import { Notice } from "../../components/Notice";
import { When } from "../../components/When";
import { differencesOf } from "./differences";
import classes from "./settings.module.css";

const COLUMNS: Column<AuditView>[] = [
  { name: "When", show: (one) => <When at={one.at} /> },
  { name: "Who", show: (one) => one.by },
  { name: "Did", show: (one) => one.action.replaceAll("_", " ") },
  { name: "To", show: (one) => one.path.replace("/api/v1", "") },
  { name: "What changed", show: (one) => <Difference of={one} /> },
  { name: "From", show: (one) => one.address || "this machine", isExtra: true },
];

function Difference({ of: { before, after } }: { of: AuditView }) {
  const lines = differencesOf(before, after);
  if (lines.length === 0) return "–";
  return (
    <ul className={classes.differences}>
      {lines.map(({ name, before: was, after: is }) => (
        <li key={name}>
          {name}: {was === undefined ? null : <del>{was}</del>}{" "}
          {is === undefined ? null : <ins>{is}</ins>}
        </li>
      ))}
    </ul>
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
