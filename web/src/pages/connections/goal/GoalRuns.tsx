import { Button } from "@mantine/core";
import { useState } from "react";
import type { GoalKind, GoalView, PreviewView, RunView } from "../../../api/schema";
import { useChange } from "../../../api/useChange";
import { useItem } from "../../../api/useItem";
import { useListing } from "../../../api/useListing";
import { useMay } from "../../../api/useMe";
import { DataTable } from "../../../components/DataTable";
import { Problem } from "../../../components/Problem";
import { Section } from "../../../components/Section";
import { COLUMNS } from "../../runs/columns";
import classes from "./goal.module.css";
import { ImportPreview } from "./ImportPreview";
import { RunProgress } from "./RunProgress";

const SHOWN_MAX = 5;

interface Props {
  goal: GoalView;
  kind: GoalKind;
  /** Of the goal, in the API. */
  path: string;
  isChanged: boolean;
}

/** What it did, and asking for it now. */
export function GoalRuns({ goal, kind, path, isChanged }: Props) {
  const runs = useListing<RunView>(
    "/api/v1/runs",
    { connection: goal.connection_id, goal: goal.id },
    { on: ["runs", "config"] },
  );
  const ask = useChange<RunView>();
  const mayRun = useMay("activate");
  const [looked, setLooked] = useState<string | null>(null);
  const isImport = kind.feed === "rows";
  const found = (runs.data ?? []).filter((run) => run.kind !== "intake_preview");
  const open = found.find((run) => run.ended_at === null && run.trigger !== "continuous");
  const canRun =
    isImport || (goal.enabled && (kind.feed === "profiles" || kind.feed === "feedback"));
  return (
    <Section
      title="Runs"
      aside={
        mayRun ? (
          <div className={classes.buttons}>
            {isImport ? (
              <Button
                size="xs"
                variant="default"
                disabled={isChanged || ask.isPending}
                onClick={() =>
                  ask.mutate(
                    { method: "POST", path: `${path}/import`, body: { preview: true } },
                    { onSuccess: (run) => setLooked(run.id) },
                  )
                }
              >
                Preview import
              </Button>
            ) : null}
            {canRun ? (
              <Button
                size="xs"
                variant="default"
                disabled={isChanged || ask.isPending}
                onClick={() =>
                  ask.mutate(
                    isImport
                      ? { method: "POST", path: `${path}/import`, body: { preview: false } }
                      : { method: "POST", path: `${path}/run` },
                  )
                }
              >
                {isImport ? "Import now" : "Run goal now"}
              </Button>
            ) : null}
          </div>
        ) : null
      }
    >
      {isChanged && isImport ? (
        <p className={classes.dim}>Save your changes first: the kept goal is what runs.</p>
      ) : null}
      <Problem of={ask.error} />
      {looked ? <Looked run_id={looked} /> : null}
      {open ? <RunProgress run={open} /> : null}
      {found.length > 0 ? (
        <DataTable
          columns={COLUMNS}
          rows={found.slice(0, SHOWN_MAX)}
          keyOf={(run) => run.id}
          hrefOf={(run) => `/runs/${run.id}`}
        />
      ) : (
        <p className={classes.dim}>It has not run yet.</p>
      )}
    </Section>
  );
}

/** A preview is a run: it takes as long as the account needs to give its first rows. */
function Looked({ run_id }: { run_id: string }) {
  const run = useItem<RunView>(`/api/v1/runs/${run_id}`, {
    on: ["runs", "config"],
    pace: "quick",
  }).data;
  const isDone = run?.id === run_id && run.state === "succeeded";
  const preview = useItem<PreviewView>(`/api/v1/runs/${run_id}/preview`, undefined, !isDone);
  if (!run || run.id !== run_id) return null;
  if (run.ended_at === null) return <RunProgress run={run} />;
  if (!isDone) return <p role="alert">{run.message}</p>;
  return preview.data ? <ImportPreview preview={preview.data} /> : <Problem of={preview.error} />;
}
