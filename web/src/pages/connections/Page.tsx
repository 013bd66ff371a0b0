import type { ConnectionView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { Count } from "../../components/Count";
import { type Column, ListingTable } from "../../components/DataTable";
import { Notice } from "../../components/Notice";
import { PageFrame } from "../../components/PageFrame";
import { ConnectionState } from "./ConnectionState";

const COLUMNS: Column<ConnectionView>[] = [
  { name: "Connection", show: (one) => one.name },
  { name: "To", show: (one) => one.connector, isExtra: true },
  { name: "Status", show: (one) => <ConnectionState status={one.status} /> },
  { name: "Goals on", show: goalsOn, isNumber: true },
  { name: "Waiting", show: (one) => <Count value={one.waiting} unit="items" />, isNumber: true },
  { name: "Labels", show: (one) => one.labels.join(", ") || "–", isExtra: true },
  { name: "Owner", show: (one) => one.owner || "–", isExtra: true },
];

/** Where does your data go, and does it arrive? */
export default function Page() {
  const connections = useListing<ConnectionView>("/api/v1/connections", {}, 2_000);
  return (
    <PageFrame
      title="Connections"
      meaning="Accounts of destinations that Onefold keeps up to date."
    >
      <ListingTable
        of={connections}
        columns={COLUMNS}
        keyOf={(one) => one.id}
        hrefOf={(one) => `/connections/${one.id}`}
        empty={
          <Notice title="No connection yet" command="onefold connections create --help" level={2}>
            A connection is an account of a destination, such as Braze. This command tells how to
            make one; <code>onefold braze-sandbox</code> is a Braze to try it on.
          </Notice>
        }
      />
    </PageFrame>
  );
}

function goalsOn(connection: ConnectionView): string {
  const on = connection.goals.filter((goal) => goal.enabled).length;
  return `${on} of ${connection.goals.length}`;
}
