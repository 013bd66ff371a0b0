import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ApiError, getJson } from "./client";

export interface Loaded<T> {
  data: T | undefined;
  error: ApiError | null;
  isPending: boolean;
  retry(): void;
}

/** What is at an address of the API; asked for again each `every_ms`. Old data stays while new data loads. */
export function useItem<T>(
  path: string,
  every_ms: number | false = false,
  isOff = false,
): Loaded<T> {
  const found = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => getJson<T>(path, signal),
    refetchInterval: every_ms,
    enabled: !isOff,
    placeholderData: keepPreviousData,
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
