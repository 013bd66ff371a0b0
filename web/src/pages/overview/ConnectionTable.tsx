import { Link } from "wouter";
import type { Connection } from "../../api/flow";
import { Count } from "../../components/Count";
import { Notice } from "../../components/Notice";
import { Section } from "../../components/Section";
import { Status, type Tone } from "../../components/Status";
import classes from "./overview.module.css";

/** More rows than this are no overview. */
const ROWS_MAX = 12;

export function ConnectionTable({ connections }: { connections: Connection[] }) {
  const title = connections.length > 0 ? `Connections (${connections.length})` : "Connections";
  return (
    <Section title={title}>
      {connections.length === 0 ? (
        <Notice title="No connection yet" command="onefold connections create --help" level={3}>
          A connection is an account of a destination, such as Braze, that Onefold keeps up to date.
        </Notice>
      ) : (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Status</th>
              <th scope="col" className={classes.number}>
                Delivered
              </th>
              <th scope="col" className={classes.number}>
                Data points
              </th>
            </tr>
          </thead>
          <tbody>
            {connections.slice(0, ROWS_MAX).map((connection) => (
              <Row key={connection.id} connection={connection} />
            ))}
          </tbody>
        </table>
      )}
      {connections.length > ROWS_MAX ? (
        <p className={classes.dim}>
          Showing {ROWS_MAX} of {connections.length}. <Link href="/connections">Show all</Link>
        </p>
      ) : null}
    </Section>
  );
}

function Row({ connection }: { connection: Connection }) {
  const [word, tone] = describe(connection);
  return (
    <tr>
      <th scope="row">
        <Link href={`/connections/${connection.id}`}>{connection.name}</Link>
        <span className={classes.sub}>{connection.message ?? connection.connector}</span>
      </th>
      <td>
        <Status tone={tone} word={word} />
      </td>
      <td className={classes.number}>
        <Count value={connection.delivered} unit="changes and events" />
      </td>
      <td className={classes.number}>
        <Count value={connection.data_points} unit="data points" />
      </td>
    </tr>
  );
}

function describe(connection: Connection): [string, Tone] {
  if (!connection.enabled) return ["Off", "idle"];
  if (connection.status === "failed") return ["Failed", "bad"];
  if (connection.status === "failing") return ["Failing", "bad"];
  if (connection.status === "limited") return ["Limited", "warn"];
  if (connection.status === "paused") return ["Paused", "warn"];
  return ["On", "ok"];
}
