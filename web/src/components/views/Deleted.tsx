import { useEffect } from "react";
import { wordsOf } from "../../api/client";
import type { SavedView } from "../../api/schema";
import { useOffer } from "../../api/undo";
import { useChange } from "../../api/useChange";
import { useMay } from "../../api/useMe";
import { Toast } from "../Toast";
import { PATH } from "./useViews";
import { canOpen, queryOfView } from "./view";

/** Says that a view is gone, and brings it back: what was somebody else's is of whoever does. */
export function Deleted({ view, onGone }: { view: SavedView; onGone(): void }) {
  const change = useChange<SavedView>(onGone);
  // What is hidden from somebody, they cannot bring back.
  const canRestore = canOpen(view, useMay("personal"));
  // One thing at a time can be taken back: what was done last.
  const offer = useOffer();
  useEffect(() => {
    if (offer) onGone();
  }, [offer, onGone]);
  const { page, name, shared } = view;
  const restore = () =>
    change.mutate({
      method: "POST",
      path: PATH,
      body: { page, name, shared, query: queryOfView(view) },
    });
  return change.error ? (
    <Toast isProblem text={wordsOf(change.error)} onGone={onGone} />
  ) : (
    <Toast
      text={`The view ${name} is deleted.`}
      isKept
      {...(canRestore ? { action: { name: "Undo", run: restore } } : {})}
      onGone={onGone}
    />
  );
}
