import { InfiniteQueryObserver, QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ApiError } from "../api/client";
import type { Marks } from "../api/schema";
import { followMarks } from "./followMarks";

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
const FOLLOWS = { on: ["config"] } as const;

/** A stream that a test moves, and the time that it moves with it. */
class Beats {
  now_ms = 1_000_000;
  #marks: Marks | null = null;
  #listeners = new Set<() => void>();
  subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  marks = () => this.#marks;
  /** Some seconds go by; then the stream speaks, and what it makes the page ask is answered. */
  async beat(change: Partial<Marks> = {}, after_ms = 10_000): Promise<void> {
    this.now_ms += after_ms;
    this.#marks = { ...MARKS, ...this.#marks, ...change };
    for (const listener of this.#listeners) listener();
    await settled();
  }
}

const settled = () => new Promise((done) => setTimeout(done));
let queries: QueryClient;
let beats: Beats;
let stop: () => void;
let count = 0;
let answer: () => Promise<unknown>;

beforeEach(() => {
  queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  beats = new Beats();
  stop = followMarks(queries, beats, () => beats.now_ms);
  count = 0;
  answer = async () => "answer";
});

afterEach(() => {
  stop();
  queries.clear();
});

function ask() {
  count += 1;
  return answer();
}

async function show(follows: { on: readonly (keyof Marks)[] } | undefined = FOLLOWS) {
  const meta = follows ? { follows } : {};
  const observer = new QueryObserver(queries, { queryKey: ["/segments"], queryFn: ask, meta });
  const leave = observer.subscribe(() => {});
  await settled();
  return leave;
}

it("asks nothing while nothing moves, and again once something did", async () => {
  await beats.beat();
  await show();
  await beats.beat();
  await beats.beat({ events: 2 });
  expect(count).toBe(1);
  await beats.beat({ config: 2 });
  await beats.beat();
  expect(count).toBe(2);
});

it("asks once more for what was asked before the stream spoke", async () => {
  await show();
  await beats.beat();
  await beats.beat();
  expect(count).toBe(2);
});

it("asks for nothing that nobody shows", async () => {
  await beats.beat();
  const leave = await show();
  leave();
  await beats.beat({ config: 2 });
  expect(count).toBe(1);
});

it("asks once for what several show, if one of them follows it", async () => {
  await beats.beat();
  await show();
  await show(undefined);
  const before = count;
  await beats.beat({ config: 2 });
  expect(count).toBe(before + 1);
});

it("asks again for what got no answer, but not for what was refused", async () => {
  await beats.beat();
  answer = () => Promise.reject(new ApiError("unreachable", "Silence."));
  await show();
  await beats.beat({}, 0);
  answer = () => Promise.reject(new ApiError("refused", "Gone."));
  // The library notes by its own clock when the answer failed to come.
  beats.now_ms = Date.now();
  await beats.beat();
  expect(count).toBe(2);
  await beats.beat();
  expect(count).toBe(2);
});

it("leaves whoever reads far back in peace", async () => {
  await beats.beat();
  const observer = new InfiniteQueryObserver(queries, {
    queryKey: ["/runs"],
    queryFn: ask,
    initialPageParam: 0,
    getNextPageParam: (_, pages) => pages.length,
    meta: { follows: FOLLOWS },
  });
  observer.subscribe(() => {});
  await settled();
  for (let page = 1; page < 3; page += 1) await observer.fetchNextPage();
  await beats.beat({ config: 2 });
  expect(count).toBe(6);
  await observer.fetchNextPage();
  await beats.beat({ config: 3 });
  expect(count).toBe(7);
});
