import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { Follows } from "../live/follows";
import { getJson } from "./client";
import { asApiError, type Loaded } from "./useItem";

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Listing<T> extends Loaded<T[]> {
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore(): void;
}

type Query = Record<string, string | number | null | undefined>;

const ITEMS = 100;

/** A listing of the API, page by page; empty values of the query are left out. */
export function useListing<T>(path: string, query: Query = {}, follows?: Follows): Listing<T> {
  return usePages<T, Page<T>>(path, query, follows, ITEMS);
}

/** The same with the last page as it came, for what else stands on it. */
export function usePages<T, P extends Page<T>>(
  path: string,
  query: Query,
  follows: Follows | undefined,
  limit: number,
): Listing<T> & { last: P | undefined } {
  const found = useInfiniteQuery({
    queryKey: [path, query],
    queryFn: ({ signal, pageParam }) =>
      getJson<P>(addressOf(path, { ...query, limit, cursor: pageParam }), signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    ...(follows ? { meta: { follows } } : {}),
  });
  return {
    data: found.data?.pages.flatMap((page) => page.items),
    error: asApiError(found.error),
    isPending: found.isPending,
    retry: () => void found.refetch(),
    hasMore: found.hasNextPage,
    isLoadingMore: found.isFetchingNextPage,
    loadMore: () => void found.fetchNextPage(),
    last: found.data?.pages.at(-1),
  };
}

export function addressOf(path: string, query: Query): string {
  const given = Object.entries(query).filter(
    ([, value]) => value !== "" && value !== null && value !== undefined,
  );
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}
