/** Forms of fields that a connector declares: their parts, what a person typed, and what is wrong with it. */

import { ApiError } from "../../api/client";
import type { Field } from "../../api/schema";

export type Values = Record<string, unknown>;

/** What is wrong, by the path that the server gives: `settings.endpoint`. */
export type Problems = Readonly<Record<string, string>>;

export interface FieldGroup {
  /** Empty for the fields that a form begins with. */
  title: string;
  fields: Field[];
}

/** The parts of a form, in the order in which their first fields are declared; what has no heading comes first. */
export function groupsOf(fields: readonly Field[]): FieldGroup[] {
  const groups = new Map<string, Field[]>([["", []]]);
  for (const field of fields) {
    groups.set(field.group ?? "", [...(groups.get(field.group ?? "") ?? []), field]);
  }
  return [...groups].map(([title, members]) => ({ title, fields: members }));
}

/** The value that counts: the one given, or the declared one in its place. */
export function effectiveOf(field: Field, values: Values): unknown {
  const given = values[field.name];
  return given === undefined || given === null || given === "" ? (field.default ?? null) : given;
}

export function isGiven(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/** A whole number as a number; anything else as it was typed, so that it is said to be none. */
export function readInteger(text: string): unknown {
  const typed = text.trim();
  if (typed === "") return null;
  return /^-?\d{1,15}$/.test(typed) ? Number(typed) : text;
}

/** What can be seen of a value without asking the server; empty if nothing is wrong. */
export function shapeProblem(field: Field, value: unknown): string {
  if (!isGiven(value)) return "";
  if (field.kind === "integer" && typeof value !== "number") return "Give a whole number.";
  if (field.kind === "url" && !/^https?:\/\/[^\s/]+/.test(String(value))) {
    return "Give an address that begins with https:// or http://.";
  }
  return "";
}

/** The server's objections by field; those of a list stand at the list. */
export function problemsOf(error: unknown, known: readonly string[]): Problems {
  if (!(error instanceof ApiError)) return {};
  const found: Record<string, string> = {};
  for (const { field, message, remedy } of error.problems) {
    const place = known.find((path) => field === path || field.startsWith(`${path}.`));
    if (place !== undefined) found[place] ??= remedy ? `${message} ${remedy}` : message;
  }
  return found;
}

/** Whether each objection of the server stands at a field of the form. */
export function allPlaced(error: unknown, known: readonly string[]): boolean {
  if (!(error instanceof ApiError) || error.problems.length === 0) return false;
  return error.problems.every(({ field }) =>
    known.some((path) => field === path || field.startsWith(`${path}.`)),
  );
}
