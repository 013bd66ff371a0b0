import { useQuery } from "@tanstack/react-query";
import { sendJson, wordsOf } from "../../api/client";
import type { ConnectionView, GoalPreviewView, GoalReachView, GoalView } from "../../api/schema";
import { ASKS_ELSEWHERE_MS } from "../../api/useChange";
import { Confirm } from "../../components/Confirm";
import { formatExact, formatSpan } from "../../components/format";
import { Words } from "../../components/Words";
import classes from "./connection.module.css";

interface Props {
  connection: ConnectionView;
  onConfirm(): void;
  onClose(): void;
}

/** Says what begins when a connection is turned on: what waits, and whom each of its goals reaches. */
export function TurnOn({ connection, onConfirm, onClose }: Props) {
  const { name, waiting } = connection;
  const goals = connection.goals.filter((goal) => goal.enabled);
  return (
    <Confirm
      title={`Turn on ${name}?`}
      verb="Turn on connection"
      isPending={false}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      {waiting > 0 ? (
        <p>
          {waiting === 1 ? "1 item waits, and goes" : `${formatExact(waiting)} items wait, and go`}{" "}
          first.
        </p>
      ) : null}
      {goals.length > 0 ? (
        <>
          <p>
            {goals.length === 1 ? "Its goal goes on" : `${goals.length} goals go on`}. As things
            stand now, this is sent:
          </p>
          <ul>
            {goals.map((goal) => (
              <li key={goal.id}>
                <strong className={classes.strong}>{goal.name}</strong>:{" "}
                <Reach connection={connection} goal={goal} />
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p>None of its goals is on: nothing else is sent.</p>
      )}
    </Confirm>
  );
}

function Reach({ connection, goal }: { connection: ConnectionView; goal: GoalView }) {
  const path = `/api/v1/connections/${connection.id}/goals/${goal.id}/preview`;
  const preview = useQuery({
    queryKey: [path, "reach"],
    queryFn: () =>
      sendJson<GoalPreviewView>("POST", path, { reach: true }, { answerMsMax: ASKS_ELSEWHERE_MS }),
    retry: false,
    staleTime: 30_000,
  });
  if (preview.error) return <Words text={wordsOf(preview.error)} />;
  if (!preview.data) return <span className={classes.dim}>counting…</span>;
  const { reach, daily } = preview.data;
  if (reach) return reachOf(reach);
  return daily ? `about ${formatExact(Math.round(daily.sent))} events a day` : "not counted";
}

function reachOf(reach: GoalReachView): string {
  if (reach.sent === 0) return "nothing, for nothing differs";
  const parts = [
    `${reach.exact ? "" : "about "}${formatExact(reach.sent)} people`,
    `${formatExact(reach.fields)} values`,
    reach.data_points > 0 ? `${formatExact(reach.data_points)} data points` : "",
    reach.seconds === null ? "" : `in ${formatSpan(reach.seconds * 1000)}`,
  ];
  return parts.filter(Boolean).join(", ");
}
