import { Link } from "wouter";
import type { PreviewView } from "../../../api/schema";
import { type Column, DataTable } from "../../../components/DataTable";
import { Facts } from "../../../components/Facts";
import { formatExact } from "../../../components/format";
import { inLine } from "../../../components/value";
import classes from "./goal.module.css";

type Sample = PreviewView["samples"][number];

const CHANGES: Column<[string, number]>[] = [
  { name: "Trait", show: ([trait]) => trait },
  {
    name: "People for whom it changes",
    show: ([, count]) => formatExact(count),
    isNumber: true,
  },
];

/** What an import would change, by its first rows; nothing was changed. */
export function ImportPreview({ preview }: { preview: PreviewView }) {
  const reasons = Object.entries(preview.reasons);
  return (
    <section aria-label="Preview of the import" className={classes.confirm}>
      <h3>
        {preview.is_whole
          ? `All ${formatExact(preview.rows)} rows`
          : `The first ${formatExact(preview.rows)} rows`}
      </h3>
      <Facts
        facts={{
          "Known people": formatExact(preview.matched),
          "New people": formatExact(preview.new),
          "Left out: match nobody": formatExact(preview.unmatched),
          "Left out: no identifier": formatExact(preview.without_identifier),
          Refused: formatExact(preview.rejected),
          Reasons: reasons.map(([why, count]) => `${formatExact(count)} ${why}`).join(", ") || null,
        }}
      />
      <DataTable
        columns={CHANGES}
        rows={Object.entries(preview.changes)}
        keyOf={([trait]) => trait}
      />
      {preview.samples.map((one, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two rows may be alike in everything
        <Person key={place} sample={one} />
      ))}
    </section>
  );
}

function Person({ sample }: { sample: Sample }) {
  const name = Object.values(sample.identifiers ?? {})
    .map(inLine)
    .join(", ");
  return (
    <details className={classes.folded}>
      <summary>
        {name || `Person ${sample.profile_id}`}
        {sample.profile_id ? "" : ", new"}: {sample.changes.length} changes
      </summary>
      <ul className={classes.reasons}>
        {sample.changes.map((one) => (
          <li key={one.trait}>
            {one.trait}: <code>{inLine(one.before ?? "nothing")}</code> →{" "}
            <code>{inLine(one.after ?? "nothing")}</code>
          </li>
        ))}
        {sample.profile_id ? (
          <li>
            <Link href={`/profiles/${sample.profile_id}`}>Look at the profile</Link>
          </li>
        ) : null}
      </ul>
    </details>
  );
}
