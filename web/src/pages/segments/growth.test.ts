import { describe, expect, it } from "vitest";
import { sizeRange, wordsOf } from "./growth";

const day = (entered: number, left: number) => ({
  day: "2026-11-28",
  entered,
  left,
  people: 7,
});

describe("growth in words", () => {
  it("compares with the beginning of the days asked for", () => {
    const grown = { since: "2026-01-01", days: [day(1200, 30), day(0, 6)] };
    expect(wordsOf(grown, 2)).toBe("1,164 people more than 2 days ago: 1,200 entered, 36 left.");
    expect(wordsOf({ ...grown, days: [day(0, 1), day(0, 0)] }, 2)).toBe(
      "1 person fewer than 2 days ago: 0 entered, 1 left.",
    );
    expect(wordsOf({ ...grown, days: [day(2, 1), day(0, 1)] }, 2)).toBe(
      "As many people as 2 days ago: 2 entered, 2 left.",
    );
  });

  it("says since when a young segment is counted", () => {
    const grown = { since: "2026-11-27", days: [day(3, 0), day(0, 1)] };
    expect(wordsOf(grown, 90)).toBe("Counted since Nov 27, 2026: 3 entered, 1 left.");
  });
});

describe("the axis of sizes", () => {
  it.each([
    [0, 0, [0, 0.6]],
    [0, 100, [0, 115]],
    [250, 250, [248, 250.6]],
    [12_400, 12_460, [12_370, 12_469]],
  ])("of %i to %i", (lowest, highest, range) => {
    expect(sizeRange(lowest, highest)).toEqual(range);
  });
});
