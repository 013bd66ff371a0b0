/** The rules by which a goal can run, and which of them a goal may have. */
import type { Feed, Schedule, Weekday } from "../../../api/schema";

export type Rule = Schedule["rule"];
export type RuleKind = Rule["kind"];

interface KindOfRule {
  title: string;
  start: Rule;
}

const MORNING = ["08:00"];

/** By kind, so that a kind that the API gets cannot be forgotten here. */
export const RULES: Record<RuleKind, KindOfRule> = {
  continuous: { title: "All the time, as things change", start: { kind: "continuous" } },
  by_hand: { title: "Only when someone runs it", start: { kind: "by_hand" } },
  times_a_day: {
    title: "So many times a day",
    start: { kind: "times_a_day", count: 4, start: "00:00" },
  },
  weekdays: {
    title: "On days of the week",
    start: { kind: "weekdays", days: ["monday"], at: MORNING },
  },
  month_day: { title: "On a day of the month", start: { kind: "month_day", day: 1, at: MORNING } },
  month_weekday: {
    title: "On a weekday of the month",
    start: { kind: "month_weekday", which: "first", weekday: "monday", at: MORNING },
  },
  cron: { title: "By a cron expression", start: { kind: "cron", expression: "0 8 * * *" } },
};

const TIMED: RuleKind[] = ["times_a_day", "weekdays", "month_day", "month_weekday", "cron"];

/** Those that fit what a goal is fed with; one alone is no choice. */
export function rulesFor(feed: Feed, settings: Record<string, unknown>): RuleKind[] {
  if (feed === "events" || feed === "erasures") return ["continuous"];
  if (feed === "moments") {
    return settings.when === "schedule" ? ["by_hand", ...TIMED] : ["continuous"];
  }
  if (feed === "rows") return ["by_hand", ...TIMED];
  return ["continuous", "by_hand", ...TIMED];
}

/** The rule that is in force: a goal that brings people in has no other way of running all the time. */
export function ruleIn(schedule: Schedule, kinds: RuleKind[]): Rule {
  const first = kinds[0] ?? "continuous";
  return kinds.includes(schedule.rule.kind) ? schedule.rule : RULES[first].start;
}

export const WEEKDAYS: Weekday[] = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
];
