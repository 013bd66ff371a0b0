import { Switch } from "@mantine/core";
import { useParams } from "wouter";
import type { ConnectionView, RunView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { useListing } from "../../api/useListing";
import { useMay } from "../../api/useMe";
import { ListingTable } from "../../components/DataTable";
import { Facts } from "../../components/Facts";
import { formatExact } from "../../components/format";
import { PageFrame } from "../../components/PageFrame";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { COLUMNS as RUNS } from "../runs/columns";
import { ConnectionState } from "./ConnectionState";
import classes from "./connection.module.css";
import { DataPoints } from "./DataPoints";
import { Goals } from "./Goals";

/** Is it set up, and does it do its goals? */
export default function Connection() {
  const { id = "" } = useParams();
  const path = `/api/v1/connections/${encodeURIComponent(id)}`;
  const connection = useItem<ConnectionView>(path, 2_000);
  return <Shown of={connection}>{(one) => <Details connection={one} path={path} />}</Shown>;
}

function Details({ connection, path }: { connection: ConnectionView; path: string }) {
  const change = useChange();
  const mayTurn = useMay("activate");
  const runs = useListing<RunView>(
    "/api/v1/runs",
    { kind: "goal", connection: connection.id },
    5_000,
  );
  const { status } = connection;
  const verb = connection.enabled ? "disable" : "enable";
  return (
    <PageFrame
      title={connection.name}
      up={{ href: "/connections", name: "Connections" }}
      meaning={connection.description || `A connection to ${connection.connector}`}
      action={
        <Switch
          checked={connection.enabled}
          disabled={!mayTurn || change.isPending}
          label={connection.enabled ? "On" : "Off"}
          aria-label={`Turn ${connection.enabled ? "off" : "on"} ${connection.name}`}
          onChange={() => change.mutate({ method: "POST", path: `${path}/${verb}` })}
        />
      }
    >
      <Problem of={change.error} />
      <Facts
        facts={{
          Status: <ConnectionState status={status} />,
          Why: status.message || null,
          "What to do": status.hint || null,
          Waiting: `${formatExact(connection.waiting)} items`,
          Owner: connection.owner || null,
          Labels: connection.labels.join(", ") || null,
        }}
      />
      <Section title={`Goals (${connection.goals.length})`}>
        <Goals connection={connection} path={path} mayTurn={mayTurn} />
      </Section>
      <DataPoints path={path} />
      <Section title="Runs of its goals">
        <ListingTable
          of={runs}
          columns={RUNS}
          keyOf={(run) => run.id}
          hrefOf={(run) => `/runs/${run.id}`}
          empty={<p className={classes.dim}>No goal has run yet.</p>}
        />
      </Section>
    </PageFrame>
  );
}
