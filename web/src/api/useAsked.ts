import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { sendJson } from "./client";
import { ASKS_ELSEWHERE_MS } from "./useChange";
import { asApiError, type Loaded } from "./useItem";

/** What the server answers to a question that is too long for an address; nothing is changed by asking. */
export function useAsked<T>(
  path: string,
  body: unknown,
  isOff = false,
  /** When this changes, so may the answer. */
  asOf: unknown = null,
): Loaded<T> {
  const found = useQuery({
    queryKey: [path, body, asOf],
    queryFn: () => sendJson<T>("POST", path, body, { answerMsMax: ASKS_ELSEWHERE_MS }),
    enabled: !isOff,
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
