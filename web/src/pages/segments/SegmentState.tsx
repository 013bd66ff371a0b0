import type { SegmentView } from "../../api/schema";
import { formatShare } from "../../components/format";
import { Status } from "../../components/Status";

/** Whether a segment is kept in real time already. */
export function SegmentState({ segment }: { segment: SegmentView }) {
  if (segment.state === "live") return <Status tone="ok" word="Live" />;
  if (segment.state === "cancelled") return <Status tone="warn" word="Cancelled" />;
  const share = formatShare(segment.fill_done, segment.fill_total);
  return <Status tone="idle" word={`Filling, ${share}`} isPulsing />;
}
