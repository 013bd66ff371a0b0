import { Button, Progress } from "@mantine/core";
import type { RunView } from "../../../api/schema";
import { useChange } from "../../../api/useChange";
import { formatExact } from "../../../components/format";
import { RunStatus } from "../../runs/columns";
import classes from "./goal.module.css";

/** A run that goes on: how far it is, and a way to end it. */
export function RunProgress({ run }: { run: RunView }) {
  const change = useChange();
  const words = `${formatExact(run.done)} of ${formatExact(run.total)} ${run.unit}`;
  return (
    <div className={classes.progress}>
      <RunStatus run={run} />
      {run.total > 0 ? (
        <Progress value={(run.done / run.total) * 100} aria-label={words} />
      ) : (
        <span className={classes.dim}>{run.message}</span>
      )}
      <Button
        size="compact-xs"
        variant="default"
        disabled={run.cancel_asked || change.isPending}
        onClick={() => change.mutate({ method: "POST", path: `/api/v1/runs/${run.id}/cancel` })}
      >
        Cancel run
      </Button>
    </div>
  );
}
