import { useEffect, useState } from "react";

/** This computer's now, in milliseconds, renewed each second, or as often as said. */
export function useNow(every_ms = 1000): number {
  const [now_ms, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now_ms;
}
