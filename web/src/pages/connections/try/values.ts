/** Values that are typed, as the command line reads them. */

export interface Pair {
  id: number;
  name: string;
  value: string;
}

/** Numbers, true, false, lists and objects as JSON has them; anything else is text. */
export function readValue(text: string): unknown {
  try {
    return JSON.parse(text) ?? text;
  } catch {
    return text;
  }
}

/** By name; what has no name yet is left out. */
export function readPairs(pairs: readonly Pair[]): Record<string, unknown> {
  return Object.fromEntries(named(pairs).map((one) => [one.name.trim(), readValue(one.value)]));
}

/** The same, all as text. */
export function readTexts(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(named(pairs).map((one) => [one.name.trim(), one.value]));
}

function named(pairs: readonly Pair[]): Pair[] {
  return pairs.filter((one) => one.name.trim() !== "");
}
