import { useState } from "react";
import { useDraft as useKept } from "../../api/useDraft";

/** What somebody has typed and not kept yet. */
export interface Draft {
  name: string;
  description: string;
  condition: unknown;
  at: string;
}

/** A draft that an earlier visit left, and ways to keep and forget it. */
export function useDraft(id: string) {
  const [kept, set] = useKept<Draft>(`segment:${id}`, (draft) => draft);
  const [left, setLeft] = useState(kept);

  function forget() {
    set(null);
    setLeft(null);
  }

  return {
    left,
    keep: (draft: Omit<Draft, "at">) => set({ ...draft, at: new Date().toISOString() }),
    forget,
    dismiss: () => setLeft(null),
  };
}
