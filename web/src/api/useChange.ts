import { useMutation, useQueryClient } from "@tanstack/react-query";
import { sendJson } from "./client";

export interface Wish {
  method: "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
}

/** Changes something by the API; everything on the page is asked for again when it is done. */
export function useChange<T = unknown>() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => sendJson<T>(wish.method, wish.path, wish.body),
    onSettled: () => queries.invalidateQueries(),
  });
}
