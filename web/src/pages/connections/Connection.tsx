import { useParams } from "wouter";
import type { ConnectionView } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { useMay } from "../../api/useMe";
import { AsCode } from "../../components/AsCode";
import { PageFrame } from "../../components/PageFrame";
import { PageTabs } from "../../components/PageTabs";
import { Shown } from "../../components/Shown";
import { Activity } from "./Activity";
import { ConnectionState } from "./ConnectionState";
import { ConnectionSwitch } from "./ConnectionSwitch";
import classes from "./connection.module.css";
import { DataPoints } from "./DataPoints";
import { Favourite } from "./Favourite";
import { Goals } from "./Goals";
import { Runs } from "./Runs";
import { Setup } from "./Setup";

/** Is it set up, and does it do its goals? */
export default function Connection() {
  const { id = "" } = useParams();
  const path = `/api/v1/connections/${encodeURIComponent(id)}`;
  const connection = useItem<ConnectionView>(path, { on: ["config", "deliveries", "runs"] });
  return <Shown of={connection}>{(one) => <Details connection={one} path={path} />}</Shown>;
}

function Details({ connection, path }: { connection: ConnectionView; path: string }) {
  const mayTurn = useMay("activate");
  const seesAudit = useMay("administer");
  const { status } = connection;
  return (
    <PageFrame
      title={connection.name}
      up={{ href: "/connections", name: "Connections" }}
      meaning={connection.description || `A connection to ${connection.connector}`}
      action={
        <>
          <ConnectionState status={status} />
          <AsCode
            name={connection.name}
            document={{
              path: `${path}/document`,
              type: "application/yaml",
              file: `connection-${connection.id}.yaml`,
            }}
            commands={commandsOf(connection)}
          />
          <Favourite connection={connection} />
          <ConnectionSwitch connection={connection} />
        </>
      }
    >
      {status.message && connection.enabled ? (
        <p className={classes.trouble}>
          {status.message} {status.hint}
        </p>
      ) : null}
      <PageTabs
        first="goals"
        tabs={[
          { id: "setup", title: "Set-up", show: () => <Setup connection={connection} /> },
          {
            id: "goals",
            title: `Goals (${connection.goals.length})`,
            show: () => <Goals connection={connection} path={path} mayTurn={mayTurn} />,
          },
          { id: "runs", title: "Runs", show: () => <Runs connection={connection} /> },
          {
            id: "points",
            title: "Data points",
            show: () => <DataPoints connection={connection} />,
          },
          ...(seesAudit
            ? [
                {
                  id: "activity",
                  title: "Activity",
                  show: () => <Activity connection={connection} />,
                },
              ]
            : []),
        ]}
      />
    </PageFrame>
  );
}

function commandsOf({ id }: ConnectionView): [string, string][] {
  return [
    ["Show what this page shows", `onefold connections show ${id}`],
    ["Write the document to a file", `onefold connections export ${id} > connection-${id}.yaml`],
    [
      "See what an edited document would change",
      `onefold connections apply connection-${id}.yaml --plan`,
    ],
  ];
}
