import type { ConnectionView } from "../../api/schema";
import { Facts } from "../../components/Facts";
import { formatExact } from "../../components/format";

/** What a connection is set up with. */
export function Setup({ connection }: { connection: ConnectionView }) {
  return (
    <Facts
      facts={{
        Waiting: `${formatExact(connection.waiting)} items`,
        Owner: connection.owner || null,
        Labels: connection.labels.join(", ") || null,
      }}
    />
  );
}
