import { useMutation, useQueryClient } from "@tanstack/react-query";
import { sendJson } from "./client";

export interface Wish {
  method: "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  /** The revision that was read: the server refuses when there is another by now. */
  ifMatch?: string | undefined;
  /** How long the answer may take, where the server asks somebody else first. */
  answerMsMax?: number;
}

/** Beyond what the server itself grants a destination to answer in. */
export const ASKS_ELSEWHERE_MS = 25_000;

/**
 * Changes something by the API; everything on the page is asked for again when it is done. `onSuccess` comes before
 * that: for going elsewhere from what is no more, which would be asked for in vain.
 */
export function useChange<T = unknown>(onSuccess?: (answer: T) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ method, path, body, ...sending }: Wish) =>
      sendJson<T>(method, path, body, sending),
    ...(onSuccess ? { onSuccess } : {}),
    onSettled: () => queries.invalidateQueries(),
  });
}
