import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { postJson } from "./client";
import { asApiError, type Loaded } from "./useItem";

interface Options {
  isOff?: boolean;
  every_ms?: number | false;
}

/** What the server answers to a question that is too long for an address; nothing is changed by asking. */
export function useAsked<T>(path: string, body: unknown, options: Options = {}): Loaded<T> {
  const found = useQuery({
    queryKey: [path, body],
    queryFn: () => postJson<T>(path, body),
    enabled: !options.isOff,
    refetchInterval: options.every_ms ?? false,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return {
    data: found.data,
    error: asApiError(found.error),
    isPending: found.isFetching,
    retry: () => void found.refetch(),
  };
}
