/** When to ask again: what an answer follows and the marks of the stream in, whether it is due out. No clock. */
import type { Marks } from "../api/schema";

export interface Follows {
  /** What its answer is made of: it is asked for again once one of these moved. */
  on: readonly (keyof Marks)[];
  pace?: keyof typeof PACES_MS;
}

/** How often at most something that moves all the time is asked for, by what an answer costs the server. */
export const PACES_MS = { quick: 1_000, steady: 2_000, calm: 5_000, slow: 10_000, rare: 30_000 };
/** The stream speaks about once a second: a beat that comes early must not cost another one. */
const EARLY_MS = 300;

export interface Asked {
  at_ms: number;
  /** The marks then; null where they were not known, or nothing came of it. */
  marks: Marks | null;
}

export function isDue({ on, pace }: Follows, asked: Asked, marks: Marks, now_ms: number): boolean {
  if (now_ms - asked.at_ms < PACES_MS[pace ?? "steady"] - EARLY_MS) return false;
  return on.some((name) => asked.marks?.[name] !== marks[name]);
}
