import { Button } from "@mantine/core";
import { IconArrowDownLeft, IconArrowUpRight } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";
import type { ConnectionView, GoalKind, GoalView, RunView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { formatExact, formatShare } from "../../components/format";
import { Problem } from "../../components/Problem";
import { When } from "../../components/When";
import { Words } from "../../components/Words";
import { RunStatus } from "../runs/columns";
import classes from "./connection.module.css";
import { GoalDoubts } from "./GoalDoubts";
import { GoalSwitch } from "./goal/GoalSwitch";
import { TurnOn } from "./goal/TurnOn";
import { sentenceOf } from "./sentence";

interface Props {
  goal: GoalView;
  /** Undefined while it is not known, and where the connector has gone. */
  kind: GoalKind | undefined;
  connection: ConnectionView;
  /** Of the goal, in the API. */
  path: string;
  last: RunView | undefined;
  mayChange: boolean;
}

/** One goal as a sentence, with what became of it and what can be done. */
export function GoalCard({ goal, kind, connection, path, last, mayChange }: Props) {
  const [isTurningOn, setTurningOn] = useState(false);
  const run = useChange<RunView>();
  const isInward = kind?.feed === "rows" || kind?.feed === "feedback";
  const Way = isInward ? IconArrowDownLeft : IconArrowUpRight;
  const canRun = goal.enabled && (isInward || kind?.feed === "profiles");
  return (
    <div className={classes.card}>
      <div className={classes.goal}>
        <Way
          size={18}
          stroke={1.6}
          className={classes.way}
          aria-label={isInward ? "Brings in" : "Sends"}
        />
        <div className={classes.words}>
          <h3>
            <Link href={`/connections/${connection.id}/goals/${goal.id}`}>{goal.name}</Link>
          </h3>
          <p className={classes.dim}>{sentenceOf(goal, kind)}</p>
          {goal.status.message && goal.enabled ? (
            <p>
              <Words text={`${goal.status.message} ${goal.status.hint}`} />
            </p>
          ) : null}
          <p className={classes.counts}>
            <Counts goal={goal} connection={connection} />
          </p>
          <p className={classes.state}>
            {goal.enabled ? progressOf(goal) : goal.stopped ? "stopped" : "off"}
            {goal.next_run ? (
              <>
                {" · next run "}
                <When at={goal.next_run} />
              </>
            ) : null}
            {last ? (
              <>
                {" · "}
                <Link href={`/runs/${last.id}`}>
                  last run <When at={last.started_at ?? last.created_at} />
                </Link>{" "}
                <RunStatus run={last} />
              </>
            ) : null}
          </p>
        </div>
        {mayChange ? (
          <GoalSwitch goal={goal} path={path} onTurnOn={() => setTurningOn(true)} />
        ) : null}
      </div>
      {mayChange ? (
        <div className={classes.actions}>
          {canRun ? (
            <Button
              size="compact-xs"
              variant="default"
              loading={run.isPending}
              aria-label={`Run ${goal.name} now`}
              onClick={() => run.mutate({ method: "POST", path: `${path}/run` })}
            >
              Run now
            </Button>
          ) : null}
          {goal.kind === "call" ? (
            <Button
              size="compact-xs"
              variant="default"
              component={Link}
              href={`/connections/${connection.id}/goals/${goal.id}/try`}
            >
              Try it
            </Button>
          ) : null}
          <GoalDoubts goal={goal} kind={kind} path={path} />
        </div>
      ) : null}
      <Problem of={run.error} />
      {isTurningOn && kind && !goal.enabled ? (
        <TurnOn goal={goal} kind={kind} path={path} onEnd={() => setTurningOn(false)} />
      ) : null}
    </div>
  );
}

function Counts({ goal, connection }: { goal: GoalView; connection: ConnectionView }) {
  const { passed, filtered, rejected, deferred } = goal.counts;
  return (
    <>
      {formatExact(passed)} passed · {formatExact(filtered)} filtered ·{" "}
      {rejected > 0 ? (
        <Link href={`/dead-letters?connection=${connection.id}`}>
          {formatExact(rejected)} rejected
        </Link>
      ) : (
        "0 rejected"
      )}{" "}
      · {formatExact(deferred)} waiting
    </>
  );
}

const PROGRESS: Record<GoalView["progress"]["state"], string> = {
  off: "off",
  starting: "starting",
  reading_back: "reading back",
  halted: "halted",
  comparing: "comparing",
  reading: "reading",
  live: "live",
  waiting: "waiting for its next run",
};

function progressOf(goal: GoalView): string {
  const { state, done, total, behind } = goal.progress;
  const words = PROGRESS[state];
  if (total > 0) return `${words}, ${formatShare(done, total)}`;
  return behind > 0 ? `${words}, ${formatExact(behind)} behind` : words;
}
