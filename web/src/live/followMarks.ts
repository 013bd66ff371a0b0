/** Asks again for what is on the page as the stream tells that it moved: no page has a timer of its own. */
import type { Query, QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/client";
import type { Marks } from "../api/schema";
import { type Asked, type Follows, isDue } from "./follows";

/** Each look at a long list asks for every page that is open: whoever reads far back is left in peace. */
const FRESH_PAGES_MAX = 3;

declare module "@tanstack/react-query" {
  interface Register {
    queryMeta: { follows?: Follows };
  }
}

interface Beats {
  /** Calls at each snapshot of the stream, and whenever else it has something to say. */
  subscribe(listener: () => void): () => void;
  /** Null until the first snapshot. */
  marks(): Marks | null;
}

/** Goes on until what it returns is called. The stream is its clock: while that is silent, so is this. */
export function followMarks(queries: QueryClient, beats: Beats, now = Date.now): () => void {
  const cache = queries.getQueryCache();
  const asked = new WeakMap<Query, Asked>();
  const stopNoting = cache.subscribe((event) => {
    if (event.type === "updated" && event.action.type === "fetch") {
      asked.set(event.query, { at_ms: now(), marks: beats.marks() });
    }
  });
  const stopAsking = beats.subscribe(() => {
    const marks = beats.marks();
    if (!marks) return;
    for (const query of cache.findAll({ type: "active", fetchStatus: "idle" })) {
      const before = lastAsked(query, asked.get(query));
      if (isFar(query) || !followsOf(query).some((one) => isDue(one, before, marks, now())))
        continue;
      void queries.refetchQueries({ queryKey: query.queryKey, exact: true, type: "active" });
    }
  });
  return () => {
    stopNoting();
    stopAsking();
  };
}

/** Of all who show it: one place may follow what another needs but once. */
function followsOf(query: Query): Follows[] {
  return query.observers.flatMap((observer) => observer.options.meta?.follows ?? []);
}

/** Where no answer came, whatever moved meanwhile is not known; a refusal is an answer. */
function lastAsked({ state }: Query, asked: Asked | undefined): Asked {
  const isLost = state.error instanceof ApiError && state.error.failure === "unreachable";
  if (isLost) return { at_ms: state.errorUpdatedAt, marks: null };
  return asked ?? { at_ms: state.dataUpdatedAt, marks: null };
}

function isFar({ state }: Query): boolean {
  const { pages } = (state.data ?? {}) as { pages?: unknown[] };
  return (pages?.length ?? 0) > FRESH_PAGES_MAX;
}
