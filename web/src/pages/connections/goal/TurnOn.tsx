import { Switch } from "@mantine/core";
import { useState } from "react";
import type { GoalKind, GoalPreviewView, GoalView } from "../../../api/schema";
import { useAsked } from "../../../api/useAsked";
import { useChange } from "../../../api/useChange";
import { Confirm } from "../../../components/Confirm";
import { Problem } from "../../../components/Problem";
import classes from "./goal.module.css";
import { Comes } from "./Preview";
import { hasPreview } from "./steps";

interface Props {
  goal: GoalView;
  kind: GoalKind;
  /** Of the goal, in the API. */
  path: string;
  onEnd(): void;
}

/** What turning a goal on comes to, before it is done. */
export function TurnOn({ goal, kind, path, onEnd }: Props) {
  const change = useChange(onEnd);
  const [comparesFirst, setComparesFirst] = useState(goal.compare_first);
  const isOff = !hasPreview(kind, goal.settings);
  const reach = useAsked<GoalPreviewView>(`${path}/preview`, { reach: true }, isOff);
  const body = kind.reads_back
    ? { enabled: true, compare_first: comparesFirst }
    : { enabled: true };
  return (
    <Confirm
      title={`Turn on ${goal.name}?`}
      verb="Turn on goal"
      isPending={change.isPending}
      error={change.error}
      onClose={onEnd}
      onConfirm={() => change.mutate({ method: "PATCH", path, body, said: `${goal.name} is on.` })}
    >
      {isOff ? <p>{kind.description}</p> : null}
      {reach.data ? <Comes of={reach.data} /> : null}
      {reach.error?.code === "goal.nobody" ? (
        <p>Nobody is known yet whom it is for. It begins with the first.</p>
      ) : (
        <Problem of={reach.error} />
      )}
      {!isOff && reach.isPending && !reach.data ? (
        <p className={classes.dim}>Counting what it comes to…</p>
      ) : null}
      {kind.reads_back ? (
        <Switch
          label="Compare first"
          description="Read back what the destination holds of these people before anything is sent. Then only what differs is sent, and billed."
          checked={comparesFirst}
          onChange={(event) => setComparesFirst(event.currentTarget.checked)}
        />
      ) : null}
    </Confirm>
  );
}
