import type { Follows } from "../live/follows";
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
const FOLLOWS: Follows = { on: ["people", "deliveries"], pace: "slow" };

/** What became known of a person, newest first, page by page; all kinds unless some are named. */
export function useTimeline(id: number, kinds: string): LoadedTimeline {
  const { last, ...entries } = usePages<Entry, Timeline>(
    `/api/v1/profiles/${id}/timeline`,
    { kind: kinds },
    FOLLOWS,
    ENTRIES,
  );
  return {
    ...entries,
    lookedBackTo: last?.looked_back_to ?? null,
    keptSince: last?.kept_since,
  };
}
