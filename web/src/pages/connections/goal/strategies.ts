import type { IntakeRow, RowStrategy } from "../../../api/schema";

const TITLES: Record<RowStrategy, string> = {
  set: "Set",
  set_if_empty: "Set if empty",
  add: "Add to the list",
  sum: "Add to the number",
  clear: "Set, and clear if empty",
};

/** What a field that comes in does with the trait that it fills. */
export const STRATEGIES = Object.entries(TITLES).map(([value, label]) => ({ value, label }));

export type Transform = NonNullable<IntakeRow["transforms"]>[number];
export type TransformKind = Transform["kind"];

/** By kind, so that a kind that the API gets cannot be forgotten here. */
export const TRANSFORMS: Record<TransformKind, { title: string; start: Transform }> = {
  trim: { title: "Without space around", start: { kind: "trim" } },
  lower: { title: "In lower case", start: { kind: "lower" } },
  upper: { title: "In upper case", start: { kind: "upper" } },
  number: { title: "As a number", start: { kind: "number" } },
  text: { title: "As text", start: { kind: "text" } },
  date: { title: "As a date", start: { kind: "date", format: "auto", zone: "UTC" } },
  split: { title: "Split into a list", start: { kind: "split", separator: "," } },
  constant: { title: "Always the same value", start: { kind: "constant", value: "" } },
  template: { title: "By a template", start: { kind: "template", template: "{{ value }}" } },
};
