import { inLine } from "../../components/value";

/** A field that differs: what it held, and what it holds; undefined where it was, or is, not there. */
export interface Difference {
  name: string;
  before: string | undefined;
  after: string | undefined;
}

/** It grows with every change, and says nothing beside the change itself. */
const SAYS_NOTHING = "version";

/**
 * What a change changed, a line for each field. Objects are gone into, so that of a long one only what differs
 * is shown; lists of things with names likewise.
 */
export function differencesOf(before: unknown, after: unknown): Difference[] {
  return fieldsOf(before, after, "").filter((one) => one.name !== SAYS_NOTHING);
}

function fieldsOf(before: unknown, after: unknown, name: string): Difference[] {
  if (JSON.stringify(before ?? null) === JSON.stringify(after ?? null)) return [];
  const was = namedOf(before);
  const is = namedOf(after);
  const isBoth = was !== null && is !== null;
  if (isBoth || (name === "" && (was ?? is) !== null)) {
    const names = new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})]);
    return [...names].flatMap((one) =>
      fieldsOf(was?.[one], is?.[one], name ? `${name}.${one}` : one),
    );
  }
  return [{ name, before: textOf(before), after: textOf(after) }];
}

function namedOf(value: unknown): Record<string, unknown> | null {
  if (typeof value !== "object" || value === null) return null;
  if (!Array.isArray(value)) return value as Record<string, unknown>;
  const names = value.map((one) => (one as { name?: unknown } | null)?.name);
  if (value.length === 0 || !names.every((one) => typeof one === "string")) return null;
  return Object.fromEntries(value.map((one, place) => [names[place], one]));
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const isTexts = Array.isArray(value) && value.every((one) => typeof one === "string");
  return (isTexts ? value.join(", ") : inLine(value)) || "nothing";
}
