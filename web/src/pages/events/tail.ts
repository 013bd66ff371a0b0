/** What a page that watches events holds: the answers of the API go in, rows and numbers come out. No clock. */
import type { ReceivedEvent, ReceivedPage } from "../../api/schema";

/** Rows kept: more can no longer be read, and cost the browser. */
export const ROWS_MAX = 500;
/** Looks that overlap, so that an event that waited is seen again once the worker has it. */
const OVERLAP = 5;

export interface Tail {
  /** Newest first. */
  rows: readonly ReceivedEvent[];
  /** How many came since the page was opened, with those that were there and are shown. */
  total: number;
  /** What was newest at the last looks, oldest first; what comes is asked for behind the first of them. */
  marks: readonly string[];
  /** How many came at each of those looks but the first. */
  counts: readonly number[];
  /** Where older events are found; null at the end of the log. */
  older: string | null;
  /** How far back was looked, for what is shown. */
  looked_at: number;
  back_to: string | null;
}

export function keyOf(event: ReceivedEvent): string {
  return event.letter_id ?? `${event.offset}.${event.position}`;
}

/** The first answer. */
export function startTail(page: ReceivedPage): Tail {
  return {
    rows: page.items,
    total: page.items.length,
    marks: [page.newest],
    counts: [],
    older: page.next_cursor,
    looked_at: page.looked_at,
    back_to: page.back_to,
  };
}

/** What an answer to `after: tail.marks[0]` adds; `isAll`: nothing was filtered out of it. */
export function addNewer(tail: Tail, page: ReceivedPage, isAll: boolean): Tail {
  const seen = new Set(page.items.map(keyOf));
  const known = new Set(tail.rows.map(keyOf));
  const rows = [...page.items, ...tail.rows.filter((row) => !seen.has(keyOf(row)))];
  const added = page.items.filter((row) => !known.has(keyOf(row))).length;
  const before = tail.counts.reduce((sum, count) => sum + count, 0);
  const came = isAll ? Math.max(added, (page.arrived ?? 0) - before) : added;
  return {
    ...tail,
    rows: rows.slice(0, ROWS_MAX),
    total: tail.total + came,
    marks: [...tail.marks, page.newest].slice(-OVERLAP),
    counts: [...tail.counts, came].slice(1 - OVERLAP),
  };
}

/** What an answer to `cursor: tail.older` adds at the end. */
export function addOlder(tail: Tail, page: ReceivedPage): Tail {
  const rows = [...tail.rows, ...page.items];
  return {
    ...tail,
    rows,
    total: tail.total + page.items.length,
    older: page.next_cursor,
    looked_at: tail.looked_at + page.looked_at,
    back_to: page.back_to ?? tail.back_to,
  };
}

/** How many an answer to `after` holds that are not shown yet, while the page is paused. */
export function countWaiting(tail: Tail, page: ReceivedPage, isAll: boolean): number {
  return addNewer(tail, page, isAll).total - tail.total;
}
