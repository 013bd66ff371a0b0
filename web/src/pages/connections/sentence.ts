import type { GoalKind, GoalView } from "../../api/schema";

/** What a goal does, for whom, and when, in one sentence. */
export function sentenceOf(goal: GoalView, kind: GoalKind | undefined): string {
  const parts = [kind?.title ?? goal.kind];
  if (kind && ["profiles", "events", "moments"].includes(kind.feed)) {
    parts.push(goal.segment || "everyone");
  }
  if (goal.purpose) parts.push(`with consent to ${goal.purpose}`);
  if (goal.mappings.length > 0) parts.push(counted(goal.mappings.length, "field"));
  const rows = goal.intake?.rows?.length ?? 0;
  if (rows > 0) parts.push(counted(rows, "field"));
  if (goal.intake?.remaining) parts.push("every other field, too");
  const keys = goal.match.map((one) => titleOf(one.key, kind));
  if (keys.length > 0) parts.push(`matched by ${keys.join(", then ")}`);
  const [does, ...rest] = parts;
  return `${does}: ${[...rest, goal.runs].join(", ")}.`;
}

function titleOf(key: string, kind: GoalKind | undefined): string {
  return kind?.match.find((one) => one.name === key)?.title.toLowerCase() ?? key;
}

function counted(count: number, unit: string): string {
  return `${count} ${count === 1 ? unit : `${unit}s`}`;
}
