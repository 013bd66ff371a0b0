import { useState } from "react";

/** What somebody has typed and not kept yet. */
export interface Draft {
  name: string;
  description: string;
  condition: unknown;
  at: string;
}

const PREFIX = "onefold-segment-draft-";

/** A draft that an earlier visit left, and ways to keep and forget it: in this tab, until it is closed. */
export function useDraft(id: string) {
  const [left, setLeft] = useState(() => read(id));

  function keep(draft: Omit<Draft, "at">) {
    sessionStorage.setItem(
      PREFIX + id,
      JSON.stringify({ ...draft, at: new Date().toISOString() } satisfies Draft),
    );
  }

  function forget() {
    sessionStorage.removeItem(PREFIX + id);
    setLeft(null);
  }

  return { left, keep, forget, dismiss: () => setLeft(null) };
}

function read(id: string): Draft | null {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + id) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}
