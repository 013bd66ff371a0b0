/** How a segment grew, in words and as the columns of a chart. */
import type { GrowthDayView, GrowthView } from "../../api/schema";
import { formatCount, formatExact, formatUtcDay } from "../../components/format";

export interface Grown {
  entered: number;
  left: number;
}

export function sumOf(days: readonly GrowthDayView[]): Grown {
  return {
    entered: days.reduce((sum, one) => sum + one.entered, 0),
    left: days.reduce((sum, one) => sum + one.left, 0),
  };
}

/** What happened in the days that were asked for; of a young segment, since when it is counted. */
export function wordsOf({ since, days }: GrowthView, asked: number): string {
  const { entered, left } = sumOf(days);
  const moves = `${formatExact(entered)} entered, ${formatExact(left)} left`;
  if (since !== null && days.length < asked) {
    return `Counted since ${formatUtcDay(since)}: ${moves}.`;
  }
  return `${comparedWords(entered - left)} ${asked} days ago: ${moves}.`;
}

function comparedWords(more: number): string {
  if (more === 0) return "As many people as";
  return `${formatCount(Math.abs(more), "person", "people")} ${more > 0 ? "more" : "fewer"} than`;
}

/** The lowest and highest value of the axis: from zero, unless the line would be flat up there. */
export function sizeRange(lowest: number, highest: number): [number, number] {
  const span = Math.max(highest - lowest, 4);
  const low = lowest <= 2 * span ? 0 : Math.floor(lowest - span / 2);
  return [low, highest + span * 0.15];
}
