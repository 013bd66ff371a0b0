import { useCallback, useState, useSyncExternalStore } from "react";
import { type LiveFlow, store } from "./flowStore";
import type { Lost } from "./flowStream";

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
  const togglePause = useCallback(() => setFrozen((held) => (held ? null : store.read())), []);
  return {
    shown: frozen ? { ...frozen, link: newest.link } : newest,
    newest,
    isPaused: frozen !== null,
    togglePause,
    retryNow: store.retryNow,
  };
}

/** Since when the stream is lost, and when it is tried again; null while it is not. */
export function useLost(): Lost | null {
  return useSyncExternalStore(store.subscribe, () => {
    const { link } = store.read();
    return link.kind === "reconnecting" ? link : null;
  });
}
