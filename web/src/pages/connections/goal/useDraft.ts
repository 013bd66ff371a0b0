import { useState } from "react";
import { type Draft, isSame } from "./draft";

interface Edited {
  draft: Draft;
  /** The version of the kept goal that the changes began from. */
  version: number;
}

export interface Drafting extends Edited {
  isChanged: boolean;
  /** Whether changes of an earlier visit wait to be taken up or dropped. */
  isOffered: boolean;
  change(draft: Draft): void;
  takeUp(): void;
  drop(): void;
}

/** A draft that outlives the page, for as long as the tab: a session may end in the middle of an edit. */
export function useDraft(key: string, kept: Draft, version: number): Drafting {
  const [edited, setEdited] = useState<Edited | null>(null);
  const [earlier, setEarlier] = useState<Edited | null>(() => read(key, kept));
  const draft = edited?.draft ?? kept;
  return {
    draft,
    version: edited?.version ?? version,
    isChanged: edited !== null,
    isOffered: earlier !== null && edited === null,
    change(next) {
      const changed = isSame(next, kept)
        ? null
        : { draft: next, version: edited?.version ?? version };
      setEdited(changed);
      write(key, changed);
    },
    takeUp() {
      setEdited(earlier);
      setEarlier(null);
    },
    drop() {
      setEdited(null);
      setEarlier(null);
      write(key, null);
    },
  };
}

function read(key: string, kept: Draft): Edited | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(key) ?? "null") as Edited | null;
    if (found === null || found.draft.kind !== kept.kind || isSame(found.draft, kept)) return null;
    return found;
  } catch {
    return null;
  }
}

function write(key: string, edited: Edited | null) {
  try {
    if (edited) sessionStorage.setItem(key, JSON.stringify(edited));
    else sessionStorage.removeItem(key);
  } catch {
    // Where nothing may be stored, the draft lives as long as the page.
  }
}
