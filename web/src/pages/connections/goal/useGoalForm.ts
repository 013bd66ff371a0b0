import { useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import type { ConnectionView, GoalKind, GoalView } from "../../../api/schema";
import { useChange } from "../../../api/useChange";
import { useDraft } from "../../../api/useDraft";
import { changeOf, type Draft, isSame, wishOf } from "./draft";
import type { Editing } from "./editing";
import { type Problems, problemsOf } from "./problems";
import { hasPreview } from "./steps";
import { useNames } from "./useNames";
import { type Previewed, usePreview } from "./usePreview";

/** What was changed, and the version of the kept goal that the changes began from. */
interface Edited {
  draft: Draft;
  version: number;
}

interface Wanted {
  connection: ConnectionView;
  /** Of the connection, in the API. */
  path: string;
  kind: GoalKind;
  /** Null: it is not kept yet. */
  goal: GoalView | null;
  kept: Draft;
  mayChange: boolean;
  /** 0: somebody whom the goal is for. */
  profile_id: number;
  preset: string;
}

/** A goal while it is edited: what was changed, what that would do, what is wrong with it, and keeping it. */
export function useGoalForm(wanted: Wanted) {
  const { connection, path, kind, goal, kept, mayChange, profile_id, preset } = wanted;
  const key = `goal:${connection.id}:${goal?.id ?? `new:${kind.name}:${preset}`}`;
  const [edited, setEdited] = useDraft<Edited>(key, (one) => one);
  const draft = edited?.draft ?? kept;
  const version = edited?.version ?? goal?.version ?? 0;
  const isPreviewed = hasPreview(kind, draft.settings);
  const isOff = !mayChange || !isPreviewed;
  const preview = usePreview({ path, goal, draft, profile_id, isOff });
  const keeping = useKeep(connection, path, goal);
  const problems = problemsNow(keeping.error, draft, isOff ? null : preview.look);
  const editing: Editing = {
    connection,
    path,
    kind,
    draft,
    change: (next) => setEdited(isSame(next, kept) ? null : { draft: next, version }),
    isFixed: !mayChange,
    problems,
    names: useNames(preview.profile),
    look: preview.look.error ? undefined : preview.look.data,
    profile: preview.profile,
  };
  return {
    editing,
    preview,
    isPreviewed,
    isChanged: edited !== null,
    isSaving: keeping.isPending,
    error: keeping.error && isRight(keeping.error, problems) ? null : keeping.error,
    drop() {
      setEdited(null);
      keeping.reset();
    },
    save: () => keeping.keep(draft, version, () => setEdited(null)),
  };
}

/** Makes the goal, or changes the kept one; then the page is that of the kept goal. */
function useKeep(connection: ConnectionView, path: string, goal: GoalView | null) {
  const [, go] = useLocation();
  const queries = useQueryClient();
  const change = useChange<GoalView>();
  function keep(draft: Draft, version: number, onKept: () => void) {
    const wish = goal
      ? ({ method: "PATCH", path: `${path}/goals/${goal.id}` } as const)
      : ({ method: "POST", path: `${path}/goals` } as const);
    const body = goal ? changeOf(draft, goal, version) : wishOf(draft);
    change.mutate(
      { ...wish, body, said: `${draft.name.trim()} is saved.` },
      {
        onSuccess: (made) => {
          queries.setQueryData<ConnectionView>([path], (old) => old && withGoal(old, made));
          onKept();
          if (!goal) go(`/connections/${connection.id}/goals/${made.id}`, { replace: true });
        },
      },
    );
  }
  return { keep, error: change.error, isPending: change.isPending, reset: change.reset };
}

/**
 * What is wrong, once it was tried to keep it: until then, what is not filled in yet is no mistake. From then on
 * the preview tells as it is typed, but for the name, which a preview does not need.
 */
function problemsNow(error: unknown, draft: Draft, look: Previewed["look"] | null): Problems {
  const tried = problemsOf(error);
  if (tried.length === 0 || look === null || look.isPending) return tried;
  const name = tried.filter((one) => one.field === "name" && draft.name.trim() === "");
  return [...problemsOf(look.error), ...name];
}

/** Whether all that was wrong with what was sent is right by now. */
function isRight(error: unknown, problems: Problems): boolean {
  return problemsOf(error).length > 0 && problems.length === 0;
}

function withGoal(connection: ConnectionView, goal: GoalView): ConnectionView {
  const others = connection.goals.filter((one) => one.id !== goal.id);
  const goals = [...others, goal].sort((a, b) => a.position - b.position);
  return { ...connection, goals };
}
