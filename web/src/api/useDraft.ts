import { useState } from "react";

/**
 * What somebody has typed and not saved, null while that is nothing. It outlives a reload and a session that ends
 * in mid-edit, as far as `keep` lets it: a secret is never written down.
 */
export function useDraft<T>(
  key: string,
  keep: (draft: T) => T,
): [draft: T | null, set: (draft: T | null) => void] {
  const place = `onefold-draft:${key}`;
  const [draft, setDraft] = useState<T | null>(() => read<T>(place));

  function set(next: T | null) {
    setDraft(next);
    if (next === null) sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, JSON.stringify(keep(next)));
  }

  return [draft, set];
}

function read<T>(place: string): T | null {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? "null") as T | null;
  } catch {
    return null;
  }
}
