import { Link } from "wouter";
import type { Segment } from "../../api/flow";
import { Count } from "../../components/Count";
import { Notice } from "../../components/Notice";
import { Section } from "../../components/Section";
import { Status } from "../../components/Status";
import classes from "./overview.module.css";

/** More rows than this are no overview. */
const ROWS_MAX = 12;

export function SegmentTable({ segments }: { segments: Segment[] }) {
  const rows = segments.slice(0, ROWS_MAX);
  return (
    <Section title={segments.length > 0 ? `Segments (${segments.length})` : "Segments"}>
      {segments.length === 0 ? (
        <Notice title="No segment yet" command="onefold segments create --help" level={3}>
          A segment is a named rule for a group of people; people enter and leave as events arrive.
        </Notice>
      ) : (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Status</th>
              <th scope="col" className={classes.number}>
                People
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((segment) => (
              <tr key={segment.id}>
                <th scope="row">
                  <Link href={`/segments/${segment.id}`}>{segment.name}</Link>
                </th>
                <td>
                  {segment.state === "live" ? (
                    <Status tone="ok" word="Live" />
                  ) : (
                    <Status tone="idle" word="Filling" isPulsing />
                  )}
                </td>
                <td className={classes.number}>
                  <Count value={segment.people} unit="people" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {segments.length > ROWS_MAX ? (
        <p className={classes.dim}>
          Showing {ROWS_MAX} of {segments.length}. <Link href="/segments">Show all</Link>
        </p>
      ) : null}
    </Section>
  );
}
