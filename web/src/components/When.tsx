import { Tooltip } from "@mantine/core";
import { formatExactTime, formatSpan } from "./format";
import { useNow } from "./useNow";

/** When something was, or will be, seen from now; the exact time with its zone on hover. */
export function When({ at }: { at: string | null | undefined }) {
  const now = useNow(5_000);
  if (!at) return <span>–</span>;
  const at_ms = Date.parse(at);
  const words = at_ms <= now ? `${formatSpan(now - at_ms)} ago` : `in ${formatSpan(at_ms - now)}`;
  return (
    <Tooltip label={formatExactTime(at_ms)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={at}>{words}</time>
    </Tooltip>
  );
}
