import type { Timeline } from "./schema";
import { type Listing, usePages } from "./useListing";

export type Entry = Timeline["items"][number];
export type Kind = Entry["kind"];

export interface LoadedTimeline extends Listing<Entry> {
  /** Everything since then is shown; null: everything that is kept. */
  lookedBackTo: string | null;
  keptSince: Timeline["kept_since"] | undefined;
}

const ENTRIES = 50;

/** What became known of a person, newest first, page by page; all kinds unless some are named. */
export function useTimeline(id: number, kinds: string, every_ms: number): LoadedTimeline {
  const { last, ...entries } = usePages<Entry, Timeline>(
    `/api/v1/profiles/${id}/timeline`,
    { kind: kinds },
    every_ms,
    ENTRIES,
  );
  return {
    ...entries,
    lookedBackTo: last?.looked_back_to ?? null,
    keptSince: last?.kept_since,
  };
}
