/** A segment's condition as people edit it: groups of parts in place of a tree of all, any and not. */

import type {
  Condition,
  ConsentCondition,
  EventCondition,
  IdentifierCondition,
  SegmentCondition,
  TraitCondition,
} from "../../api/schema";
import { isFinished as isValueFinished } from "./tests";

export type Mode = "all" | "any" | "none";

export interface Group {
  /** Names the part while it is edited. */
  key: number;
  mode: Mode;
  parts: Part[];
}

export interface Leaf {
  key: number;
  /** The opposite is meant. */
  isNot: boolean;
  condition: Known | Unknown;
}

export type Part = Group | Leaf;

/** The conditions that hold no others; the builder has an editor for each. */
export type Known =
  | TraitCondition
  | EventCondition
  | IdentifierCondition
  | ConsentCondition
  | SegmentCondition;
export type KnownKind = Known["kind"];

/** What a newer server may know: kept and shown as it is. */
export interface Unknown {
  kind: "unknown";
  json: unknown;
}

type Assert<T extends never> = T;
/** Fails to compile when the API learns of a kind of condition that stands nowhere above. */
export type NoKindIsForgotten = Assert<
  Exclude<Condition["kind"], KnownKind | "all" | "any" | "not">
>;

/** What the API takes for what is left out, by kind. */
const LEFT_OUT: { [Kind in KnownKind]: Partial<Extract<Known, { kind: Kind }>> } = {
  event: {
    test: "at_least",
    value: 1,
    measure: "count",
    property: "",
    window: { kind: "ever" },
    where: [],
  },
  trait: { value: null },
  identifier: {},
  consent: { state: "consented" },
  segment: {},
};

/** What a condition is before anybody filled it in. */
const BLANK: { [Kind in KnownKind]: Partial<Extract<Known, { kind: Kind }>> } = {
  event: { event: "", window: { kind: "last", amount: 30, unit: "days" } },
  trait: { trait: "", test: "equals", value: "" },
  identifier: { identifier: "email" },
  consent: { purpose: "" },
  segment: { segment_id: 0 },
};

let lastKey = 0;

function newKey(): number {
  lastKey += 1;
  return lastKey;
}

export function isGroup(part: Part): part is Group {
  return "parts" in part;
}

export function newGroup(mode: Mode = "all", parts: Part[] = []): Group {
  return { key: newKey(), mode, parts };
}

export function newLeaf(kind: KnownKind): Leaf {
  const condition = { kind, ...LEFT_OUT[kind], ...BLANK[kind] } as Known;
  return { key: newKey(), isNot: false, condition: structuredClone(condition) };
}

/** The rule of a condition as JSON; whatever it is, nothing of it is lost. */
export function ruleOf(json: unknown): Group {
  const part = partOf(json);
  return isGroup(part) ? part : newGroup("all", [part]);
}

function partOf(json: unknown): Part {
  const node = isObject(json) ? json : {};
  const { kind, conditions, condition } = node;
  if ((kind === "all" || kind === "any") && Array.isArray(conditions)) {
    return newGroup(kind, conditions.map(partOf));
  }
  if (kind === "not" && isObject(condition)) return oppositeOf(partOf(condition));
  if (isKnown(node))
    return { key: newKey(), isNot: false, condition: { ...LEFT_OUT[node.kind], ...node } as Known };
  return { key: newKey(), isNot: false, condition: { kind: "unknown", json } };
}

function oppositeOf(part: Part): Part {
  if (!isGroup(part)) return part.isNot ? newGroup("none", [part]) : { ...part, isNot: true };
  return part.mode === "any" ? { ...part, mode: "none" } : newGroup("none", [part]);
}

/** The condition of a rule, as the API takes it. */
export function conditionOf(rule: Group): unknown {
  const [only] = rule.parts;
  return only && rule.parts.length === 1 && rule.mode !== "none" ? jsonOf(only) : jsonOf(rule);
}

function jsonOf(part: Part): unknown {
  if (isGroup(part)) {
    const conditions = part.parts.map(jsonOf);
    if (part.mode !== "none") return { kind: part.mode, conditions };
    const condition = conditions.length === 1 ? conditions[0] : { kind: "any", conditions };
    return { kind: "not", condition };
  }
  const { condition, isNot } = part;
  const json = condition.kind === "unknown" ? condition.json : plain(condition);
  return isNot ? { kind: "not", condition: json } : json;
}

/** Without what goes without saying. */
function plain(condition: Known): unknown {
  if (condition.kind === "trait") {
    const { value, ...rest } = condition;
    return value === null || value === undefined ? rest : condition;
  }
  if (condition.kind !== "event") return condition;
  const { measure, property, window, where, ...rest } = condition;
  return {
    ...rest,
    ...(measure === "sum" ? { measure, property } : {}),
    ...(window.kind === "ever" ? {} : { window }),
    ...(where.length > 0
      ? {
          where: where.map(({ value, ...one }) =>
            value === null || value === undefined ? one : { ...one, value },
          ),
        }
      : {}),
  };
}

/** Whether everything is filled in, so that the server can be asked. */
export function isFinished(part: Part): boolean {
  if (isGroup(part)) return part.parts.every(isFinished);
  const { condition } = part;
  switch (condition.kind) {
    case "trait":
      return condition.trait !== "" && isValueFinished(condition.test, condition.value);
    case "identifier":
      return condition.identifier !== "";
    case "consent":
      return condition.purpose !== "";
    case "segment":
      return condition.segment_id > 0;
    case "event":
      return (
        condition.event !== "" &&
        (condition.measure === "count" || condition.property !== "") &&
        isValueFinished(condition.test, condition.value) &&
        isWindowFinished(condition.window) &&
        condition.where.every((one) => one.property !== "" && isValueFinished(one.test, one.value))
      );
    case "unknown":
      return true;
  }
}

function isWindowFinished(window: EventCondition["window"]): boolean {
  if (window.kind === "dates") return window.start !== "" && window.end !== "";
  return window.kind === "ever" || window.amount >= 1;
}

/** How many conditions a rule has. */
export function countLeaves(part: Part): number {
  return isGroup(part) ? part.parts.reduce((sum, one) => sum + countLeaves(one), 0) : 1;
}

function isKnown(
  node: Record<string, unknown>,
): node is Record<string, unknown> & { kind: KnownKind } {
  return typeof node.kind === "string" && Object.hasOwn(LEFT_OUT, node.kind);
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
