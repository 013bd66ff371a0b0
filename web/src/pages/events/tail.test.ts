import { describe, expect, it } from "vitest";
import type { ReceivedEvent, ReceivedPage } from "../../api/schema";
import { addNewer, addOlder, countWaiting, keyOf, ROWS_MAX, startTail } from "./tail";

function event(offset: number, outcome: ReceivedEvent["outcome"] = "passed"): ReceivedEvent {
  return {
    offset,
    position: 0,
    outcome,
    letter_id: null,
    message_id: `m${offset}`,
  } as ReceivedEvent;
}

function page(offsets: number[], more: Partial<ReceivedPage> = {}): ReceivedPage {
  const newest = String(Math.max(0, ...offsets) + 1);
  const items = offsets.map((offset) => event(offset));
  const looked_at = items.length;
  return { items, newest, next_cursor: null, looked_at, back_to: null, arrived: null, ...more };
}

describe("the tail of events", () => {
  it("puts what is new in front and counts it once, though looks overlap", () => {
    let tail = startTail(page([2, 1]));
    tail = addNewer(tail, page([4, 3], { arrived: 2 }), true);
    tail = addNewer(tail, page([5, 4, 3], { arrived: 3 }), true);
    expect(tail.rows.map((row) => row.offset)).toEqual([5, 4, 3, 2, 1]);
    expect(tail.total).toBe(5);
  });

  it("renews the outcome of what waited", () => {
    const first = { ...page([1]), items: [event(1, "deferred")] };
    const tail = addNewer(startTail(page([])), first, true);
    expect(addNewer(tail, page([1], { arrived: 1 }), true).rows.map((row) => row.outcome)).toEqual([
      "passed",
    ]);
  });

  it("keeps so many rows, and counts those that it never showed", () => {
    const many = Array.from({ length: ROWS_MAX }, (_, place) => 12_000 - place);
    const tail = addNewer(startTail(page([2, 1])), page(many, { arrived: 12_000 }), true);
    expect(tail.rows).toHaveLength(ROWS_MAX);
    expect(tail.total).toBe(12_002);
  });

  it("counts only what fits where something is filtered", () => {
    const tail = addNewer(startTail(page([1])), page([9], { arrived: 8 }), false);
    expect(tail.total).toBe(2);
  });

  it("asks behind the oldest of its last looks", () => {
    let tail = startTail(page([1]));
    for (let n = 2; n < 12; n += 1) tail = addNewer(tail, page([n], { arrived: 1 }), true);
    expect(tail.marks).toHaveLength(5);
    expect(tail.marks.at(-1)).toBe("12");
  });

  it("goes on with older ones at the end", () => {
    const tail = addOlder(
      startTail(page([9], { next_cursor: "c" })),
      page([8], { looked_at: 100 }),
    );
    expect(tail.rows.map((row) => row.offset)).toEqual([9, 8]);
    expect([tail.older, tail.looked_at]).toEqual([null, 101]);
  });

  it("tells how many wait while it is paused", () => {
    expect(countWaiting(startTail(page([1])), page([3, 2], { arrived: 2 }), true)).toBe(2);
  });

  it("knows a refused event by its letter", () => {
    expect(keyOf({ ...event(0), letter_id: "capture-3" })).toBe("capture-3");
  });
});
