import { Button } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";
import type { ConnectionView, ConnectorInfo, GoalKind, GoalView, RunView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { useListing } from "../../api/useListing";
import { Notice } from "../../components/Notice";
import { OrderedList } from "../../components/OrderedList";
import { moved } from "../../components/ordered";
import { Problem } from "../../components/Problem";
import classes from "./connection.module.css";
import { GoalCard } from "./GoalCard";

interface Props {
  connection: ConnectionView;
  path: string;
  mayTurn: boolean;
}

/** The goals of a connection in their order: of one person, what an earlier one sends goes first. */
export function Goals({ connection, path, mayTurn }: Props) {
  const order = useChange();
  const [wanted, setWanted] = useState<number[] | null>(null);
  const kinds = useItem<ConnectorInfo>(`/api/v1/connectors/${connection.connector}`).data;
  const runs = useListing<RunView>(
    "/api/v1/runs",
    { connection: connection.id },
    { on: ["runs", "config"], pace: "calm" },
  ).data;
  const goals = inOrder(connection.goals, wanted);
  if (goals.length === 0) {
    return (
      <Notice
        title="No goal yet"
        action={mayTurn ? <AddGoal connection={connection} /> : null}
        command="onefold connections goals add --help"
        level={3}
      >
        A goal is one thing that {connection.name} achieves, such as keeping a segment up to date.
        Nothing is sent until there is one.
      </Notice>
    );
  }
  return (
    <>
      <Problem of={order.error} />
      <OrderedList
        items={goals}
        nameOf={(goal) => goal.name}
        keyOf={(goal) => goal.id}
        isFixed={!mayTurn}
        onMove={(from, to) => {
          const ids = moved(goals, from, to).map((goal) => goal.id);
          setWanted(ids);
          order.mutate(
            {
              method: "PUT",
              path: `${path}/goals/order`,
              body: { goals: ids },
              said: `${goals[from]?.name} is in another place.`,
            },
            { onSettled: () => setWanted(null) },
          );
        }}
      >
        {(goal) => (
          <GoalCard
            goal={goal}
            kind={kindOf(kinds, goal)}
            connection={connection}
            path={`${path}/goals/${goal.id}`}
            last={runs?.find((run) => run.goal_id === goal.id && run.kind !== "intake_preview")}
            mayChange={mayTurn}
          />
        )}
      </OrderedList>
      {mayTurn ? (
        <div className={classes.add}>
          <AddGoal connection={connection} />
        </div>
      ) : null}
    </>
  );
}

function AddGoal({ connection }: { connection: ConnectionView }) {
  return (
    <Button component={Link} href={`/connections/${connection.id}/goals/new`} size="sm">
      Add goal
    </Button>
  );
}

/** As it was just dropped, until the server has it so. */
function inOrder(goals: GoalView[], wanted: number[] | null): GoalView[] {
  if (wanted === null || wanted.length !== goals.length) return goals;
  return [...goals].sort((one, other) => wanted.indexOf(one.id) - wanted.indexOf(other.id));
}

function kindOf(connector: ConnectorInfo | undefined, goal: GoalView): GoalKind | undefined {
  return connector?.goals.find((kind) => kind.name === goal.kind);
}
