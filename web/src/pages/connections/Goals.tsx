import { Switch } from "@mantine/core";
import { Link } from "wouter";
import type { ConnectionView, GoalView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { formatExact, formatShare } from "../../components/format";
import { Notice } from "../../components/Notice";
import { Problem } from "../../components/Problem";
import { When } from "../../components/When";
import classes from "./connection.module.css";

interface Props {
  connection: ConnectionView;
  path: string;
  mayTurn: boolean;
}

/** The goals of a connection in their order, each as a sentence with what became of it. */
export function Goals({ connection, path, mayTurn }: Props) {
  const change = useChange();
  if (connection.goals.length === 0) {
    return (
      <Notice title="No goal yet" command={`onefold connections goals add --help`} level={3}>
        Nothing is sent until the connection has a goal.
      </Notice>
    );
  }
  return (
    <>
      <Problem of={change.error} />
      <ol className={classes.goals}>
        {connection.goals.map((goal) => (
          <li key={goal.id} className={classes.goal}>
            <Switch
              checked={goal.enabled}
              disabled={!mayTurn || change.isPending}
              aria-label={`Turn ${goal.enabled ? "off" : "on"} ${goal.name}`}
              onChange={() =>
                change.mutate({
                  method: "POST",
                  path: `${path}/goals/${goal.id}/${goal.enabled ? "disable" : "enable"}`,
                })
              }
            />
            <div className={classes.words}>
              <h3>{goal.name}</h3>
              <p className={classes.dim}>{sentenceOf(goal)}</p>
              {goal.status.message && goal.enabled ? (
                <p>
                  {goal.status.message} {goal.status.hint}
                </p>
              ) : null}
              <p className={classes.counts}>
                <Counts goal={goal} connection={connection} />
              </p>
              {goal.kind === "call" ? (
                <Link href={`/connections/${connection.id}/goals/${goal.id}/try`}>Try it</Link>
              ) : null}
            </div>
            <div className={classes.state}>
              {goal.enabled ? progressOf(goal) : goal.stopped ? "Stopped" : "Off"}
              {goal.next_run ? (
                <>
                  {" · next "}
                  <When at={goal.next_run} />
                </>
              ) : null}
            </div>
          </li>
        ))}
      </ol>
    </>
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

function sentenceOf(goal: GoalView): string {
  const who = goal.segment || "everyone";
  const consent = goal.purpose ? `, with consent to ${goal.purpose}` : "";
  const fields = goal.mappings.length;
  const does: Record<string, string> = {
    export: `Keep ${who} up to date: ${fields} ${fields === 1 ? "field" : "fields"}`,
    events: `Send events of ${who}`,
    subscriptions: `Keep subscriptions of ${who} up to date`,
    deletions: "Forward erasures",
    import: "Bring people in",
    currents: "Bring engagement in",
    call: `Make a request for ${who}`,
  };
  return `${does[goal.kind] ?? goal.kind}${consent}; ${goal.runs}.`;
}

function progressOf(goal: GoalView): string {
  const { state, done, total, behind } = goal.progress;
  if (state === "reading_back") return `reading back, ${formatShare(done, total)}`;
  if (state === "comparing" || state === "reading") return `${state}, ${formatShare(done, total)}`;
  return behind > 0 ? `${state}, ${formatExact(behind)} behind` : state;
}
