/** The tests of values in words, what each compares with, and how a value becomes one of another test. */

import type { Test, ValueKind } from "./types";

/** What a test compares with: nothing, one value, several, two in order, a text, a number, a time, or days. */
type Shape = "none" | "value" | "values" | "range" | "text" | "number" | "time" | "days";

interface TestEntry {
  words: string;
  shape: Shape;
  /** Under which heading it stands in a list. */
  group: "Any value" | "Text" | "Number" | "Time";
}

/** Every test there is: a missing one does not compile. */
export const TESTS: Record<Test, TestEntry> = {
  equals: { words: "is", shape: "value", group: "Any value" },
  not_equals: { words: "is not", shape: "value", group: "Any value" },
  one_of: { words: "is one of", shape: "values", group: "Any value" },
  exists: { words: "is known", shape: "none", group: "Any value" },
  contains: { words: "contains", shape: "value", group: "Text" },
  starts_with: { words: "starts with", shape: "text", group: "Text" },
  ends_with: { words: "ends with", shape: "text", group: "Text" },
  at_least: { words: "is at least", shape: "number", group: "Number" },
  at_most: { words: "is at most", shape: "number", group: "Number" },
  more_than: { words: "is more than", shape: "number", group: "Number" },
  less_than: { words: "is less than", shape: "number", group: "Number" },
  between: { words: "is between", shape: "range", group: "Number" },
  before: { words: "is before", shape: "time", group: "Time" },
  after: { words: "is after", shape: "time", group: "Time" },
  within_last: { words: "is within the last", shape: "days", group: "Time" },
  not_within_last: { words: "is not within the last", shape: "days", group: "Time" },
};

export const TEST_NAMES = Object.keys(TESTS) as Test[];
/** How a total can be tested. */
export const TOTAL_TESTS: Test[] = [
  "at_least",
  "at_most",
  "equals",
  "not_equals",
  "more_than",
  "less_than",
  "between",
];
/** A property is tested once, when its event comes: tests that move with time are for traits. */
export const PROPERTY_TESTS = TEST_NAMES.filter((one) => TESTS[one].shape !== "days");

/** The value under another test: kept where it fits. */
export function valueFor(test: Test, value: unknown): unknown {
  const [first] = Array.isArray(value) ? value : [value];
  switch (TESTS[test].shape) {
    case "none":
      return null;
    case "values":
      return Array.isArray(value) ? value : isSet(value) ? [value] : [];
    case "range":
      return Array.isArray(value) && value.length === 2 ? value : [first ?? "", ""];
    case "number":
      return typeof first === "number" ? first : (numberOf(String(first ?? "")) ?? "");
    case "days":
      return typeof first === "number" && Number.isInteger(first) && first > 0 ? first : 30;
    case "text":
    case "time":
      return typeof first === "string" ? first : "";
    case "value":
      return first ?? "";
  }
}

/** Whether the value is one that the test can compare with. */
export function isFinished(test: Test, value: unknown): boolean {
  switch (TESTS[test].shape) {
    case "none":
      return value === null || value === undefined;
    case "text":
    case "time":
      return typeof value === "string" && value !== "";
    case "values":
      return Array.isArray(value) && value.length > 0;
    case "range":
      return Array.isArray(value) && value.length === 2 && value.every(isSet);
    case "number":
      return typeof value === "number";
    case "days":
      return typeof value === "number" && Number.isInteger(value) && value >= 1;
    case "value":
      return isSet(value) && !Array.isArray(value);
  }
}

export function kindOf(value: unknown): ValueKind {
  if (typeof value === "number") return "number";
  return typeof value === "boolean" ? "flag" : "text";
}

/** What was typed, as a value of a kind: a number that is none yet stays as text. */
export function typedValue(typed: string, kind: ValueKind): string | number | boolean {
  if (kind === "number") return numberOf(typed) ?? typed;
  return kind === "flag" ? typed === "true" : typed;
}

export function numberOf(typed: string): number | null {
  const text = typed.trim();
  const number = Number(text);
  return text !== "" && Number.isFinite(number) ? number : null;
}

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined && value !== "";
}
