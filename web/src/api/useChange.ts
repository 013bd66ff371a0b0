import { useMutation, useQueryClient } from "@tanstack/react-query";
import { sendJson } from "./client";

export interface Wish {
  method: "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  /** The revision that was read: the server refuses when there is another by now. */
  ifMatch?: string | undefined;
}

/** Changes something by the API; everything on the page is asked for again when it is done. */
export function useChange<T = unknown>() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) =>
      sendJson<T>(wish.method, wish.path, wish.body, { ifMatch: wish.ifMatch }),
    onSettled: () => queries.invalidateQueries(),
  });
}
