import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Follows } from "../live/follows";
import { ApiError, getJson } from "./client";

export interface Loaded<T> {
  data: T | undefined;
  error: ApiError | null;
  isPending: boolean;
  retry(): void;
}

/** What is at an address of the API; asked for again as what it follows moves. Old data stays while new data loads. */
export function useItem<T>(path: string, follows?: Follows, isOff = false): Loaded<T> {
  const found = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => getJson<T>(path, signal),
    enabled: !isOff,
    placeholderData: keepPreviousData,
    ...(follows ? { meta: { follows } } : {}),
  });
  return {
    data: found.data,
    error: asApiError(found.error),
    isPending: found.isPending,
    retry: () => void found.refetch(),
  };
}

export function asApiError(error: unknown): ApiError | null {
  if (error === null) return null;
  return error instanceof ApiError ? error : new ApiError("unreachable", "Something went wrong.");
}
