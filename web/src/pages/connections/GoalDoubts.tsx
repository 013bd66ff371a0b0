import { Button } from "@mantine/core";
import { useState } from "react";
import type { GoalKind, GoalPreviewView, GoalView } from "../../api/schema";
import { useAsked } from "../../api/useAsked";
import { useChange } from "../../api/useChange";
import { Confirm } from "../../components/Confirm";
import { formatExact } from "../../components/format";
import { Problem } from "../../components/Problem";

type Doubt = "stop" | "resync" | "delete";

interface Props {
  goal: GoalView;
  kind: GoalKind | undefined;
  /** Of the goal, in the API. */
  path: string;
}

const VERBS: Record<Doubt, string> = {
  stop: "Stop goal",
  resync: "Send all again",
  delete: "Delete goal",
};

/** What cannot be taken back: each tells its reach, and is asked for twice. */
export function GoalDoubts({ goal, kind, path }: Props) {
  const [asked, setAsked] = useState<Doubt | null>(null);
  const change = useChange();
  const offered: Doubt[] = [];
  if (!goal.stopped) offered.push("stop");
  if (goal.enabled && kind?.feed === "profiles") offered.push("resync");
  offered.push("delete");
  return (
    <>
      {offered.map((doubt) => (
        <Button
          key={doubt}
          size="compact-xs"
          variant="subtle"
          color={doubt === "delete" ? "red" : "gray"}
          aria-label={`${VERBS[doubt]} ${goal.name}`}
          onClick={() => setAsked(doubt)}
        >
          {VERBS[doubt]}
        </Button>
      ))}
      {asked ? (
        <Confirm
          title={`${VERBS[asked]} ${goal.name}?`}
          verb={VERBS[asked]}
          isPending={change.isPending}
          error={change.error}
          onClose={() => setAsked(null)}
          onConfirm={() =>
            change.mutate(
              asked === "delete"
                ? { method: "DELETE", path }
                : { method: "POST", path: `${path}/${asked}` },
              { onSuccess: () => setAsked(null) },
            )
          }
        >
          {asked === "resync" ? (
            <ResyncReach goal={goal} kind={kind} path={path} />
          ) : (
            <p>{wordsFor(asked, goal)}</p>
          )}
        </Confirm>
      ) : null}
    </>
  );
}

function wordsFor(doubt: "stop" | "delete", goal: GoalView): string {
  const { deferred, passed } = goal.counts;
  const waiting = `${formatExact(deferred)} ${deferred === 1 ? "item that waits is" : "items that wait are"} dropped`;
  if (doubt === "stop") {
    return `${waiting}, and so is whatever changes until it is on again. To keep what is due, turn it off instead.`;
  }
  return `${waiting}. The ${formatExact(passed)} that went out stay at the destination. Its mapping is gone for good.`;
}

function ResyncReach({ goal, kind, path }: Props) {
  const found = useAsked<GoalPreviewView>(`${path}/preview`, { reach: true });
  const reach = found.data?.reach;
  if (!reach) {
    return found.error ? <Problem of={found.error} /> : <p>Counting whom it reaches…</p>;
  }
  const about = reach.exact ? "" : "about ";
  const fields = reach.people * goal.mappings.length;
  const bill = kind?.bills_fields ? ", and each is billed again" : "";
  return (
    <p>
      Everything is sent again to {about}
      {formatExact(reach.people)} people, whether it has changed or not: at most{" "}
      {formatExact(fields)} fields{bill}.
    </p>
  );
}
