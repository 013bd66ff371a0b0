import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import type { ConnectionView, GoalKind, GoalView } from "../../../api/schema";
import { useChange } from "../../../api/useChange";
import { useDraft } from "../../../api/useDraft";
import { useMay } from "../../../api/useMe";
import { AsCode } from "../../../components/AsCode";
import { PageFrame } from "../../../components/PageFrame";
import { Problem } from "../../../components/Problem";
import { changeOf, type Draft, isSame, wishOf } from "./draft";
import type { Editing } from "./editing";
import { GoalRuns } from "./GoalRuns";
import { GoalSwitch } from "./GoalSwitch";
import classes from "./goal.module.css";
import { Preview } from "./Preview";
import { problemsOf } from "./problems";
import { StepNavigation, Steps } from "./Steps";
import { hasPreview, stepsOf } from "./steps";
import { Trial } from "./Trial";
import { TurnOn } from "./TurnOn";
import { useNames } from "./useNames";
import { usePreview } from "./usePreview";

/** What was changed, and the version of the kept goal that the changes began from. */
interface Edited {
  draft: Draft;
  version: number;
}

interface Props {
  connection: ConnectionView;
  /** Of the connection, in the API. */
  path: string;
  kind: GoalKind;
  /** Null: it is not kept yet. */
  goal: GoalView | null;
  kept: Draft;
}

/** One goal: its steps at the left, and what it would do for a real person at the right. */
export function Editor({ connection, path, kind, goal, kept }: Props) {
  const mayChange = useMay("activate");
  const [params, setParams] = useSearchParams();
  const [, go] = useLocation();
  const queries = useQueryClient();
  const save = useChange<GoalView>();
  const [isTurningOn, setTurningOn] = useState(params.has("on"));
  const key = `goal:${connection.id}:${goal?.id ?? `new:${kind.name}`}`;
  const [edited, setEdited] = useDraft<Edited>(key, (one) => one);
  const draft = edited?.draft ?? kept;
  const version = edited?.version ?? goal?.version ?? 0;
  const isChanged = edited !== null;
  const person = Number(params.get("person")) || 0;
  const isPreviewed = hasPreview(kind, draft.settings);
  const preview = usePreview({
    path,
    goal,
    draft,
    profile_id: person,
    isOff: !mayChange || !isPreviewed,
  });
  const names = useNames(preview.profile);
  const steps = stepsOf(kind);

  // Until it was tried to be kept, what is not filled in yet is no mistake.
  const tried = problemsOf(save.error);
  const problems =
    tried.length > 0 && isPreviewed && !preview.look.isPending
      ? [
          ...problemsOf(preview.look.error),
          ...tried.filter((one) => one.field === "name" && draft.name.trim() === ""),
        ]
      : tried;
  useScrollToStep();

  const editing: Editing = {
    connection,
    path,
    kind,
    draft,
    change: (next) => setEdited(isSame(next, kept) ? null : { draft: next, version }),
    isFixed: !mayChange,
    problems,
    names,
    look: preview.look.error ? undefined : preview.look.data,
    profile: preview.profile,
  };
  const goalPath = `${path}/goals/${goal?.id}`;

  function keep() {
    const wish = goal
      ? { method: "PATCH" as const, path: goalPath, body: changeOf(draft, goal, version) }
      : { method: "POST" as const, path: `${path}/goals`, body: wishOf(draft) };
    save.mutate(wish, {
      onSuccess: (made) => {
        queries.setQueryData<ConnectionView>([path], (old) => old && withGoal(old, made));
        setEdited(null);
        if (!goal) go(`/connections/${connection.id}/goals/${made.id}`, { replace: true });
      },
    });
  }

  return (
    <PageFrame
      title={goal?.name ?? `New goal: ${kind.title}`}
      up={{ href: `/connections/${connection.id}`, name: connection.name }}
      meaning={kind.description}
      action={
        <>
          {goal ? (
            <AsCode
              name={goal.name}
              document={{
                path: `${path}/document`,
                type: "application/yaml",
                file: `connection-${connection.id}.yaml`,
              }}
              commands={commandsOf(connection, goal)}
            />
          ) : null}
          {goal && mayChange ? (
            <GoalSwitch
              goal={goal}
              path={goalPath}
              isChanged={isChanged}
              onTurnOn={() => setTurningOn(true)}
            />
          ) : null}
          {mayChange ? (
            <Button
              size="sm"
              variant={goal && !isChanged ? "default" : "filled"}
              disabled={goal !== null && !isChanged}
              loading={save.isPending}
              onClick={keep}
            >
              {goal ? "Save changes" : "Save goal"}
            </Button>
          ) : null}
        </>
      }
    >
      <Problem of={save.error} />
      {isChanged ? (
        <p className={classes.unsaved} role="status">
          {goal ? "Your changes are not saved yet." : "This goal is not saved yet."}
          <Button size="compact-xs" variant="subtle" onClick={() => setEdited(null)}>
            {goal ? "Drop changes" : "Begin anew"}
          </Button>
        </p>
      ) : null}
      {goal && isTurningOn && !goal.enabled ? (
        <TurnOn goal={goal} kind={kind} path={goalPath} onEnd={() => setTurningOn(false)} />
      ) : null}
      <div className={classes.columns}>
        <div>
          <StepNavigation steps={steps} />
          <fieldset className={classes.form} disabled={!mayChange} aria-label="The goal">
            <Steps editing={editing} steps={steps} />
          </fieldset>
          {goal ? <GoalRuns goal={goal} kind={kind} path={goalPath} isChanged={isChanged} /> : null}
        </div>
        {mayChange && (isPreviewed || kind.feed === "moments") ? (
          <aside className={classes.preview} aria-label="Preview">
            {isPreviewed ? (
              <Preview of={preview} onChoose={choose} />
            ) : (
              <Trial path={path} draft={draft} profile={preview.profile} onChoose={choose} />
            )}
          </aside>
        ) : null}
      </div>
    </PageFrame>
  );

  function choose(profile_id: number) {
    const next = new URLSearchParams(params);
    next.set("person", String(profile_id));
    setParams(next, { replace: true });
  }
}

function commandsOf(connection: ConnectionView, goal: GoalView): [string, string][] {
  const names = `${connection.id} ${goal.id}`;
  return [
    ["Show what it would send", `onefold connections goals preview ${names}`],
    ["Turn it on", `onefold connections goals on ${names}`],
    ["See its runs", `onefold runs list --connection ${connection.id} --goal ${goal.id}`],
  ];
}

function withGoal(connection: ConnectionView, goal: GoalView): ConnectionView {
  const others = connection.goals.filter((one) => one.id !== goal.id);
  const goals = [...others, goal].sort((a, b) => a.position - b.position);
  return { ...connection, goals };
}

/** The address names the step; the page is made after it was opened. */
function useScrollToStep() {
  useEffect(() => {
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, []);
}
