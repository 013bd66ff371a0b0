import { expect, it } from "vitest";
import type { GoalKind, GoalView } from "../../api/schema";
import { sentenceOf } from "./sentence";

const KIND = {
  name: "export",
  title: "Keep profiles up to date",
  feed: "profiles",
  match: [{ name: "external_id", title: "External id" }],
} as unknown as GoalKind;
const GOAL = {
  kind: "export",
  segment: "VIP",
  purpose: "",
  mappings: [{}, {}],
  match: [],
  intake: null,
  runs: "continuously",
} as unknown as GoalView;

it("says what a goal does, for whom, and when", () => {
  expect(sentenceOf(GOAL, KIND)).toBe("Keep profiles up to date: VIP, 2 fields, continuously.");
});

it("says how people are matched, and what they must have consented to", () => {
  const match = [{ key: "external_id", identifier: "user_id", label: "" }];
  const goal = { ...GOAL, segment: "", purpose: "ads", match, mappings: GOAL.mappings.slice(1) };
  expect(sentenceOf(goal, KIND)).toBe(
    "Keep profiles up to date: everyone, with consent to ads, 1 field, matched by external id, continuously.",
  );
});

it("makes do with the name of a kind that nothing is known of", () => {
  expect(sentenceOf({ ...GOAL, mappings: [] }, undefined)).toBe("export: continuously.");
});
