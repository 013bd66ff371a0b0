import { expect, it } from "vitest";
import type { Feed, Field, GoalKind } from "../../../api/schema";
import { hasPreview, stepsOf } from "./steps";

function kind(feed: Feed, fields: Partial<Field>[] = [], match: string[] = []): GoalKind {
  return { feed, fields, match } as unknown as GoalKind;
}

const ids = (one: GoalKind) => stepsOf(one).map((step) => step.id);

it("asks only what a kind of goal can answer", () => {
  expect(ids(kind("profiles", [], ["email"]))).toEqual(["what", "who", "match", "fields", "when"]);
  expect(ids(kind("erasures"))).toEqual(["what"]);
  expect(ids(kind("events"))).toEqual(["what", "who", "fields"]);
  expect(ids(kind("feedback"))).toEqual(["what", "when"]);
});

it("puts a setting into the step that its group names, else into the first", () => {
  const fields = [{ name: "a" }, { name: "b", group: "When" }, { name: "c", group: "Elsewhere" }];
  const steps = stepsOf(kind("erasures", fields));
  const names = steps.map((step) => [step.id, step.settings.map((one) => one.name)]);
  expect(names).toEqual([
    ["what", ["a", "c"]],
    ["when", ["b"]],
  ]);
});

it("previews calls on events and schedules, but not on coming and going", () => {
  expect(hasPreview(kind("moments"), { when: "event" })).toBe(true);
  expect(hasPreview(kind("moments"), { when: "left" })).toBe(false);
});
