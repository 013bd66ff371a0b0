/** A goal while it is edited: what the API takes of a new one, whole. */
import type {
  GoalChange,
  GoalKind,
  GoalView,
  Intake,
  NewGoal,
  Preset,
  Schedule,
} from "../../../api/schema";

export interface Draft
  extends Required<Omit<NewGoal, "enabled" | "preset" | "intake" | "settings">> {
  intake: Intake | null;
  settings: Record<string, unknown>;
}

export const CONTINUOUS: Schedule = {
  rule: { kind: "continuous" },
  timezone: "UTC",
  overlap: "skip",
  missed: "once",
};

const EMPTY_INTAKE: Intake = {
  identifiers: [{ field: "", identifier: "" }],
  create: false,
  rows: [],
  remaining: null,
};

/** A goal of a kind that nothing was said of yet; `taken` are names of the connection's other goals. */
export function newDraft(kind: GoalKind, preset: Preset | undefined, taken: string[]): Draft {
  return {
    kind: kind.name,
    name: freeName(preset?.title ?? kind.title, taken),
    segment_id: 0,
    mappings: kind.feed === "profiles" ? [{ source: { kind: "trait", trait: "" }, field: "" }] : [],
    settings: { ...preset?.settings },
    schedule: CONTINUOUS,
    intake: kind.feed === "rows" ? EMPTY_INTAKE : null,
    event_mappings: [],
    match: [],
    purpose: "",
    compare_first: false,
  };
}

export function freeName(wanted: string, taken: string[]): string {
  let name = wanted;
  for (let number = 2; taken.includes(name); number++) name = `${wanted} ${number}`;
  return name;
}

export function draftOf(goal: GoalView): Draft {
  return {
    kind: goal.kind,
    name: goal.name,
    segment_id: goal.segment_id,
    mappings: goal.mappings,
    settings: goal.settings,
    schedule: goal.schedule,
    intake: goal.intake,
    event_mappings: goal.event_mappings,
    match: goal.match,
    purpose: goal.purpose,
    compare_first: goal.compare_first,
  };
}

/** As a goal to be made, or to be previewed: off. */
export function wishOf(draft: Draft): NewGoal {
  return { ...draft, enabled: false, preset: "" };
}

/** What changes a kept goal into the draft, if nobody else changed it after `version`. */
export function changeOf(draft: Draft, kept: GoalView, version: number): GoalChange {
  const { kind: _, intake, settings, ...rest } = draft;
  const gone = Object.keys(kept.settings).filter((name) => !(name in settings));
  const nulls = Object.fromEntries(gone.map((name) => [name, null]));
  return { ...rest, settings: { ...nulls, ...settings }, ...(intake ? { intake } : {}), version };
}

/** A setting that is nothing has its default again. */
export function withSetting(draft: Draft, name: string, value: unknown): Draft {
  const { [name]: _, ...others } = draft.settings;
  return { ...draft, settings: value === null ? others : { ...others, [name]: value } };
}

export function isSame(one: Draft, other: Draft): boolean {
  return inOrder(one) === inOrder(other);
}

/** As text, whatever the order of names. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
