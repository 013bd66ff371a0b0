import { expect, it } from "vitest";
import type { Marks } from "../api/schema";
import { isDue } from "./follows";

const MARKS: Marks = {
  config: 1,
  events: 1,
  people: 1,
  segments: 1,
  deliveries: 1,
  runs: 1,
  letters: 1,
  history: 1,
};
const ASKED = { at_ms: 0, marks: MARKS };

it("is due once something that it follows moved, whichever way", () => {
  const follows = { on: ["config", "segments"] } as const;
  expect(isDue(follows, ASKED, MARKS, 10_000)).toBe(false);
  expect(isDue(follows, ASKED, { ...MARKS, runs: 2 }, 10_000)).toBe(false);
  expect(isDue(follows, ASKED, { ...MARKS, segments: 2 }, 10_000)).toBe(true);
  expect(isDue(follows, ASKED, { ...MARKS, config: 0 }, 10_000)).toBe(true);
});

it("keeps its pace, to the nearest beat of the stream", () => {
  const moved = { ...MARKS, people: 2 };
  const due = [1_000, 1_950, 4_950].map((now_ms) => [
    isDue({ on: ["people"] }, ASKED, moved, now_ms),
    isDue({ on: ["people"], pace: "calm" }, ASKED, moved, now_ms),
  ]);
  expect(due).toEqual([
    [false, false],
    [true, false],
    [true, true],
  ]);
});

it("is due when the marks were not known as it was asked", () => {
  expect(isDue({ on: ["config"] }, { at_ms: 0, marks: null }, MARKS, 10_000)).toBe(true);
  expect(isDue({ on: [] }, { at_ms: 0, marks: null }, MARKS, 10_000)).toBe(false);
});
