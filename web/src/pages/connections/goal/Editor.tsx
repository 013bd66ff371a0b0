import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { useSearchParams } from "wouter";
import type { ConnectionView, GoalKind, GoalView } from "../../../api/schema";
import { useMay } from "../../../api/useMe";
import { AsCode } from "../../../components/AsCode";
import { PageFrame } from "../../../components/PageFrame";
import { Problem } from "../../../components/Problem";
import type { Draft } from "./draft";
import { GoalRuns } from "./GoalRuns";
import { GoalSwitch } from "./GoalSwitch";
import classes from "./goal.module.css";
import { Preview } from "./Preview";
import { StepNavigation, Steps } from "./Steps";
import { stepsOf } from "./steps";
import { Trial } from "./Trial";
import { TurnOn } from "./TurnOn";
import { useGoalForm } from "./useGoalForm";

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
  const [isTurningOn, setTurningOn] = useState(false);
  const form = useGoalForm({
    connection,
    path,
    kind,
    goal,
    kept,
    mayChange,
    profile_id: Number(params.get("person")) || 0,
    preset: params.get("preset") ?? "",
  });
  const { editing, preview, isPreviewed, isChanged } = form;
  const steps = stepsOf(kind);
  const goalPath = `${path}/goals/${goal?.id}`;
  useScrollToStep();

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
              loading={form.isSaving}
              onClick={form.save}
            >
              {goal ? "Save changes" : "Save goal"}
            </Button>
          ) : null}
        </>
      }
    >
      <Problem of={form.error} />
      {isChanged ? (
        <p className={classes.unsaved} role="status">
          {goal ? "Your changes are not saved yet." : "This goal is not saved yet."}
          <Button size="compact-xs" variant="subtle" onClick={form.drop}>
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
              <Trial
                path={path}
                draft={editing.draft}
                profile={preview.profile}
                onChoose={choose}
              />
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

/** The address names the step; the page is made after it was opened. */
function useScrollToStep() {
  useEffect(() => {
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, []);
}
