import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { getJson } from "./client";
import type { Timeline } from "./schema";
import { asApiError } from "./useItem";
import { addressOf, type Listing } from "./useListing";

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
  const path = `/api/v1/profiles/${id}/timeline`;
  const found = useInfiniteQuery({
    queryKey: [path, kinds],
    queryFn: ({ signal, pageParam }) =>
      getJson<Timeline>(
        addressOf(path, { kind: kinds, limit: ENTRIES, cursor: pageParam }),
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: every_ms,
    placeholderData: keepPreviousData,
  });
  const last = found.data?.pages.at(-1);
  return {
    data: found.data?.pages.flatMap((page) => page.items),
    error: asApiError(found.error),
    isPending: found.isPending,
    retry: () => void found.refetch(),
    hasMore: found.hasNextPage,
    isLoadingMore: found.isFetchingNextPage,
    loadMore: () => void found.fetchNextPage(),
    lookedBackTo: last?.looked_back_to ?? null,
    keptSince: last?.kept_since,
  };
}
