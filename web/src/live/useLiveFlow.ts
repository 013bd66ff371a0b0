import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { useSessionOver } from "../api/session";
import { FlowStore, type LiveFlow } from "./flowStore";

const store = new FlowStore();

export interface LiveView {
  /** What the page shows: the newest, or what was there when the user paused. */
  shown: LiveFlow;
  /** What has arrived meanwhile. */
  newest: LiveFlow;
  isPaused: boolean;
  togglePause(): void;
  retryNow(): void;
}

/** The live flow, with a pause that freezes what is shown while the stream goes on. */
export function useLiveFlow(): LiveView {
  const newest = useSyncExternalStore(store.subscribe, store.read);
  const [frozen, setFrozen] = useState<LiveFlow | null>(null);
  const isOver = useSessionOver();
  const isShutOut = newest.link.kind === "signed-out";
  useEffect(() => {
    if (isShutOut && !isOver) store.retryNow();
  }, [isShutOut, isOver]);
  const togglePause = useCallback(() => setFrozen((held) => (held ? null : store.read())), []);
  return {
    shown: frozen ? { ...frozen, link: newest.link } : newest,
    newest,
    isPaused: frozen !== null,
    togglePause,
    retryNow: store.retryNow,
  };
}
