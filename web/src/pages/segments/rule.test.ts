import { describe, expect, it } from "vitest";
import { conditionOf, countLeaves, isFinished, newGroup, newLeaf, ruleOf } from "./rule";
import { isFinished as isValueFinished, TESTS, typedValue, valueFor } from "./tests";
import type { Test } from "./types";

const gold = { kind: "trait", trait: "plan", test: "equals", value: "gold" };
const email = { kind: "identifier", identifier: "email" };
const ordered = {
  kind: "event",
  event: "Order Completed",
  test: "more_than",
  value: 99.9,
  measure: "sum",
  property: "revenue",
  window: { kind: "dates", start: "2026-01-01", end: "2026-03-31" },
  where: [
    { property: "currency", test: "equals", value: "EUR" },
    { property: "coupon", test: "exists" },
  ],
};
const consent = { kind: "consent", purpose: "email", state: "refused" };
const segment = { kind: "segment", segment_id: 4 };
const not = (condition: unknown) => ({ kind: "not", condition });

describe("a rule", () => {
  it.each([
    ["one condition", gold],
    ["a test without a value", { kind: "trait", trait: "plan", test: "exists" }],
    ["every kind", { kind: "all", conditions: [gold, email, ordered, consent, segment] }],
    [
      "a short event",
      {
        kind: "any",
        conditions: [{ kind: "event", event: "Seen", test: "at_least", value: 1 }, gold],
      },
    ],
    [
      "nested groups",
      { kind: "all", conditions: [gold, { kind: "any", conditions: [email, segment] }] },
    ],
    ["the opposite of one", { kind: "all", conditions: [gold, not(email)] }],
    ["the opposite of some", not({ kind: "any", conditions: [gold, email] })],
    ["the opposite of all", not({ kind: "all", conditions: [gold, email] })],
    ["the opposite of the opposite", not(not(gold))],
    [
      "everyone and no one",
      {
        kind: "all",
        conditions: [
          { kind: "all", conditions: [] },
          { kind: "any", conditions: [] },
        ],
      },
    ],
    ["what it does not know", { kind: "any", conditions: [{ kind: "nearby", km: 5 }, gold] }],
    ["what is broken", { kind: "all", conditions: [17, { kind: "not" }] }],
  ])("keeps %s", (_, condition) => {
    expect(conditionOf(ruleOf(condition))).toEqual(condition);
  });

  it("takes what is left out for what it stands for", () => {
    const [leaf] = ruleOf({ kind: "event", event: "Seen" }).parts;
    expect(leaf).toMatchObject({
      condition: { test: "at_least", value: 1, measure: "count", where: [] },
    });
  });

  it("does not give a window to an event that had none", () => {
    expect(conditionOf(ruleOf({ kind: "event", event: "Seen" }))).toEqual({
      kind: "event",
      event: "Seen",
      test: "at_least",
      value: 1,
    });
  });

  it("is finished when every part is filled in", () => {
    expect(isFinished(newGroup("all"))).toBe(true);
    expect(isFinished(newGroup("all", [newLeaf("event")]))).toBe(false);
    expect(isFinished(ruleOf({ kind: "all", conditions: [gold, ordered] }))).toBe(true);
    expect(isFinished(ruleOf({ ...ordered, where: [{ property: "", test: "exists" }] }))).toBe(
      false,
    );
    expect(isFinished(ruleOf({ ...gold, value: "" }))).toBe(false);
    expect(
      countLeaves(
        ruleOf({ kind: "all", conditions: [gold, not({ kind: "any", conditions: [email] })] }),
      ),
    ).toBe(2);
  });
});

describe("a value", () => {
  it.each(Object.keys(TESTS) as Test[])(
    "under %s is kept where it fits, and unfinished where not",
    (test) => {
      for (const value of ["gold", 3, true, [1, 2], ["a"], null, "", "2026-01-01"]) {
        const fitted = valueFor(test, value);
        expect(valueFor(test, fitted)).toEqual(fitted);
        if (isValueFinished(test, value)) expect(fitted).toEqual(value);
      }
    },
  );

  it("has the type that was chosen", () => {
    expect(typedValue("36", "text")).toBe("36");
    expect(typedValue("36", "number")).toBe(36);
    expect(typedValue("", "number")).toBe("");
    expect(typedValue("true", "flag")).toBe(true);
  });
});
