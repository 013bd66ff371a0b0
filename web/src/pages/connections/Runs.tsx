import type { ConnectionView, RunView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { ListingTable } from "../../components/DataTable";
import { Notice } from "../../components/Notice";
import { COLUMNS } from "../runs/columns";

/** What the goals of a connection did each time they ran. */
export function Runs({ connection }: { connection: ConnectionView }) {
  const runs = useListing<RunView>(
    "/api/v1/runs",
    { kind: "goal", connection: connection.id },
    5_000,
  );
  return (
    <ListingTable
      of={runs}
      columns={COLUMNS}
      keyOf={(run) => run.id}
      hrefOf={(run) => `/runs/${run.id}`}
      empty={
        <Notice title="No goal has run yet" level={2}>
          A goal that works by runs is listed here each time it runs: at its times, or when you run
          it.
        </Notice>
      }
    />
  );
}
