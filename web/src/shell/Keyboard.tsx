import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { GO_KEYS, isTyping } from "./keys";

const Palette = lazy(() => import("./Palette").then((loaded) => ({ default: loaded.Palette })));
const Shortcuts = lazy(() =>
  import("./Shortcuts").then((loaded) => ({ default: loaded.Shortcuts })),
);

/** So long after `g` the next letter names a page. */
const GO_MS = 1_200;

/** ⌘K or Ctrl K finds anything, `?` shows the keys, `g` and a letter opens a page. */
export function Keyboard() {
  const [open, setOpen] = useState<"palette" | "shortcuts" | null>(null);
  const [, go] = useLocation();
  const began_ms = useRef(0);

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if ((event.metaKey || event.ctrlKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOpen("palette");
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]")) return;
      const page = event.timeStamp - began_ms.current < GO_MS ? GO_KEYS.get(event.key) : undefined;
      began_ms.current = event.key === "g" && !page ? event.timeStamp : 0;
      if (page) {
        event.preventDefault();
        go(page);
      } else if (event.key === "?") {
        setOpen("shortcuts");
      }
    }
    const onAsk = () => setOpen("palette");
    document.addEventListener("keydown", onKey);
    document.addEventListener("onefold:find", onAsk);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("onefold:find", onAsk);
    };
  }, [go]);

  return (
    <Suspense fallback={null}>
      {open === "palette" ? <Palette close={() => setOpen(null)} /> : null}
      {open === "shortcuts" ? <Shortcuts close={() => setOpen(null)} /> : null}
    </Suspense>
  );
}
