import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { sendJson, wordsOf } from "../api/client";
import { type Offer, offerUndo } from "../api/undo";
import { Toast } from "../components/Toast";
import { isTyping } from "./keys";

/** Says what was done, and takes it back; what somebody changed since is shown instead of overwritten. */
export function UndoToast({ offer }: { offer: Offer }) {
  const queries = useQueryClient();
  const undo = useMutation({
    mutationFn: async ({ path, verb }: Offer) => {
      let back = "";
      await sendJson("POST", path, undefined, { onUndo: (next) => (back = next) });
      return { path: back, verb } as const;
    },
    onSuccess: ({ path, verb }) => offerUndo(next(verb, path)),
    onSettled: () => queries.invalidateQueries(),
  });
  const { mutate, isPending } = undo;

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const isAsked = (event.metaKey || event.ctrlKey) && !event.shiftKey && event.key === "z";
      if (!isAsked || isPending || !offer.path || isTyping(event.target)) return;
      event.preventDefault();
      mutate(offer);
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [offer, mutate, isPending]);

  if (undo.error) {
    return <Toast text={wordsOf(undo.error)} isProblem onGone={() => offerUndo(null)} />;
  }
  return (
    <Toast
      key={offer.text + offer.path}
      text={offer.text}
      isKept={offer.isKept}
      {...(offer.path ? { action: { name: offer.verb, run: () => mutate(offer) } } : {})}
      onGone={() => offerUndo(null)}
    />
  );
}

function next(verb: Offer["verb"], path: string): Offer {
  const isUndone = verb === "Undo";
  return {
    text: isUndone ? "It is as it was." : "Done again.",
    path,
    verb: isUndone ? "Redo" : "Undo",
    isKept: false,
  };
}
