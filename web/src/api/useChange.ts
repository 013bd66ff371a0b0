import { useMutation, useQueryClient } from "@tanstack/react-query";
import { sendJson } from "./client";
import { offerUndo } from "./undo";

export interface Wish {
  method: "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: unknown;
  /** The revision that was read: the server refuses when there is another by now. */
  ifMatch?: string | undefined;
  /** How long the answer may take, where the server asks somebody else first. */
  answerMsMax?: number;
  /** What is said of it once it is done, where it can be undone; null: nothing, for it shows and turns back itself. */
  said?: string | null;
}

const SAID = { POST: "Done.", PUT: "Saved.", PATCH: "Saved.", DELETE: "Deleted." };

/** Beyond what the server itself grants a destination to answer in. */
export const ASKS_ELSEWHERE_MS = 25_000;

/**
 * Changes something by the API; everything on the page is asked for again when it is done. `onSuccess` comes before
 * that: for going elsewhere from what is no more, which would be asked for in vain. Where the server says that the
 * change can be undone, the shell offers that.
 */
export function useChange<T = unknown>(onSuccess?: (answer: T) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ method, path, body, said = SAID[method], ...sending }: Wish) =>
      sendJson<T>(method, path, body, {
        ...sending,
        onUndo: (undo) => {
          const isKept = method === "DELETE";
          if (said !== null) offerUndo({ text: said, path: undo, verb: "Undo", isKept });
        },
      }),
    ...(onSuccess ? { onSuccess } : {}),
    onSettled: () => queries.invalidateQueries(),
  });
}
