import type { Lost } from "../live/flowStream";
import { useNow } from "./useNow";

/** When the server is tried again. */
export function Countdown({ to }: { to: Lost }) {
  const left_s = Math.ceil((to.retry_ms - useNow()) / 1000);
  return <span>{left_s > 0 ? `Trying again in ${left_s} s.` : "Trying again now."}</span>;
}
