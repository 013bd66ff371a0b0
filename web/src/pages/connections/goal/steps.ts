/** The steps of a goal's form: which there are depends on its kind, and what stands in each. */
import type { Field, GoalKind } from "../../../api/schema";

export type StepId = "what" | "who" | "match" | "fields" | "when";

export interface Step {
  id: StepId;
  title: string;
  /** Settings that the connector declares for it. */
  settings: Field[];
}

const TITLES: Record<StepId, string> = {
  what: "What",
  who: "Who",
  match: "Match",
  fields: "Fields",
  when: "When",
};

export function stepsOf(kind: GoalKind): Step[] {
  const ids = Object.keys(TITLES) as StepId[];
  return ids
    .map((id) => ({ id, title: titleOf(id, kind), settings: settingsOf(kind, id) }))
    .filter((step) => step.settings.length > 0 || hasOwn(step.id, kind));
}

function titleOf(id: StepId, kind: GoalKind): string {
  return id === "fields" && kind.feed === "events" ? "Events" : TITLES[id];
}

/** A setting stands in the step that its group names; without one, in the first. */
function settingsOf(kind: GoalKind, id: StepId): Field[] {
  const step = (field: Field) =>
    Object.entries(TITLES).find(([, title]) => title === field.group)?.[0] ?? "what";
  return kind.fields.filter((field) => step(field) === id);
}

/** What a step has beside settings. */
function hasOwn(id: StepId, kind: GoalKind): boolean {
  const { feed } = kind;
  if (id === "what") return true;
  if (id === "who") return isForPeople(kind);
  if (id === "match") return kind.match.length > 0 || feed === "rows";
  if (id === "fields") return feed === "profiles" || feed === "events" || feed === "rows";
  return feed !== "erasures" && feed !== "events";
}

/** Whether it acts for people whom a segment and a consent can choose. */
export function isForPeople(kind: GoalKind): boolean {
  return kind.feed === "profiles" || kind.feed === "events" || kind.feed === "moments";
}

/** Whether the server can say what it would do before it is on. */
export function hasPreview(kind: GoalKind, settings: Record<string, unknown>): boolean {
  if (kind.feed === "profiles" || kind.feed === "events") return true;
  return kind.feed === "moments" && (settings.when === "event" || settings.when === "schedule");
}
