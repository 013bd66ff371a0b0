import { expect, it } from "vitest";
import { CONTINUOUS } from "./draft";
import { ruleIn, rulesFor } from "./schedule";

it("offers times only to goals that can have them", () => {
  expect(rulesFor("events", {})).toEqual(["continuous"]);
  expect(rulesFor("moments", { when: "entered" })).toEqual(["continuous"]);
  expect(rulesFor("moments", { when: "schedule" })).not.toContain("continuous");
  expect(rulesFor("rows", {})[0]).toBe("by_hand");
  expect(rulesFor("profiles", {})).toContain("cron");
});

it("takes a goal that brings people in all the time for one that runs by hand", () => {
  expect(ruleIn(CONTINUOUS, rulesFor("rows", {}))).toEqual({ kind: "by_hand" });
  expect(ruleIn(CONTINUOUS, rulesFor("profiles", {}))).toEqual({ kind: "continuous" });
});
