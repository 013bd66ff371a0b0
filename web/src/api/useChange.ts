import { useMutation, useQueryClient } from "@tanstack/react-query";
import { sendJson } from "./client";

export interface Wish {
  method: "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  /** How long the answer may take, where the server asks somebody else first. */
  answer_ms_max?: number;
}

/** Beyond what the server itself grants a destination to answer in. */
export const ASKS_ELSEWHERE_MS = 25_000;

/** Changes something by the API; everything on the page is asked for again when it is done. */
export function useChange<T = unknown>() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => sendJson<T>(wish.method, wish.path, wish.body, wish.answer_ms_max),
    onSettled: () => queries.invalidateQueries(),
  });
}
