import { useSyncExternalStore } from "react";

/** A change that can be taken back, or again be done: what was said of it, and where the server does it. */
export interface Offer {
  text: string;
  path: string;
  verb: "Undo" | "Redo";
  /** It stays until it is closed: what went is out of sight. */
  isKept: boolean;
}

/** The last change of this tab alone: the audit trail has those before. */
let offered: Offer | null = null;
const listeners = new Set<() => void>();

export function offerUndo(offer: Offer | null): void {
  offered = offer;
  for (const listener of listeners) listener();
}

export function useOffer(): Offer | null {
  return useSyncExternalStore(subscribe, () => offered);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
