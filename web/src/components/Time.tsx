import { Tooltip } from "@mantine/core";
import { formatExactTime, formatSpan } from "./format";

interface Props {
  at: string;
  /** The server's now, so that a wrong clock here makes no wrong times. */
  now: string;
}

/** How long something has lasted; exact start with its zone on hover. */
export function Since({ at, now }: Props) {
  const start_ms = Date.parse(at);
  return (
    <Tooltip
      label={`Since ${formatExactTime(start_ms)}`}
      events={{ hover: true, focus: true, touch: true }}
    >
      <time dateTime={at}>{formatSpan(Date.parse(now) - start_ms)}</time>
    </Tooltip>
  );
}
