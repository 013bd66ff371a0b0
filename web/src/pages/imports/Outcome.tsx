import { Link } from "wouter";
import type { ImportPreviewView } from "../../api/schema";
import { useMay } from "../../api/useMe";
import { type Column, DataTable } from "../../components/DataTable";
import { formatExact } from "../../components/format";
import { Status } from "../../components/Status";
import { inLine, MASK } from "../../components/value";
import classes from "./imports.module.css";

type Previewed = ImportPreviewView["events"][number];
type BadRow = ImportPreviewView["bad_rows"][number];

const BAD_ROWS: Column<BadRow>[] = [
  { name: "Line", show: (one) => formatExact(one.line) },
  { name: "Why it cannot be read", show: (one) => `${one.reason} ${one.hint}` },
];

/** What would come of the first rows: events, and what is wrong with those that would be refused. */
export function Outcome({ preview }: { preview: ImportPreviewView }) {
  const maySee = useMay("personal");
  const columns: Column<Previewed>[] = [
    { name: "Line", show: (one) => formatExact(one.line) },
    { name: "Event", show: (one) => nameOf(one.event, maySee) },
    {
      name: "Person",
      show: (one) =>
        one.profile_id ? (
          <Link href={`/profiles/${one.profile_id}`}>Known</Link>
        ) : (
          "New, or nobody's"
        ),
      isExtra: true,
    },
    {
      name: "Holds",
      show: (one) => (
        <span className={classes.values}>{maySee ? inLine(contentOf(one.event)) : MASK}</span>
      ),
      isExtra: true,
    },
    {
      name: "Result",
      show: (one) =>
        one.problems.length === 0 ? (
          <Status tone="ok" word="Fits" />
        ) : (
          one.problems.map((problem) => (
            <span key={`${problem.code} ${problem.field}`}>
              {problem.reason} {problem.hint}
            </span>
          ))
        ),
    },
  ];
  return (
    <div className={classes.outcome}>
      <p>
        {formatExact(preview.passed)} {preview.passed === 1 ? "event" : "events"} would be taken in
        {preview.rejected > 0
          ? `, ${formatExact(preview.rejected)} would be refused, and kept to be mended`
          : ", none refused"}
        .
      </p>
      {preview.bad_rows.length > 0 ? (
        <DataTable columns={BAD_ROWS} rows={preview.bad_rows} keyOf={(one) => one.line} />
      ) : null}
      {preview.events.length > 0 ? (
        <DataTable
          columns={columns}
          rows={preview.events}
          keyOf={(one) => `${one.line} ${nameOf(one.event, true)}`}
        />
      ) : null}
    </div>
  );
}

function nameOf(event: unknown, maySee: boolean): string {
  if (!maySee) return MASK;
  if (typeof event !== "object" || event === null) return "–";
  const { event: name, type } = event as Record<string, unknown>;
  return typeof name === "string" ? name : String(type ?? "–");
}

function contentOf(event: unknown): unknown {
  if (typeof event !== "object" || event === null) return event;
  const { properties, traits } = event as Record<string, unknown>;
  return properties ?? traits ?? {};
}
