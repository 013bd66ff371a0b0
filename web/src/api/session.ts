import { useSyncExternalStore } from "react";

/** Whether nobody is signed in here (any more): whoever hears of it says so here, and the shell asks once. */
let isOver = false;
const listeners = new Set<() => void>();

export function noteSession(over: boolean): void {
  if (over === isOver) return;
  isOver = over;
  for (const listener of listeners) listener();
}

export function useSessionOver(): boolean {
  return useSyncExternalStore(subscribe, () => isOver);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
