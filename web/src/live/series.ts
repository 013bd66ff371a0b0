/** The lines of the chart: minutes of the history, then the seconds that this page has seen itself. */
import type { HistoryMinute } from "../api/flow";
import { ratesAt, type Sample } from "./rates";
import { STEPS } from "./steps";

/** Times in seconds, oldest first; one line a step, as long as the times. */
export interface Series {
  times: number[];
  lines: (number | null)[][];
}

interface Point {
  at_s: number;
  rates: readonly (number | null)[];
}

/** The last minutes second by second, as far back as this page was open, and by the minute before. */
export function liveSeries(
  history: readonly HistoryMinute[],
  samples: readonly Sample[],
  span_s: number,
): Series {
  const now_s = samples.at(-1)?.at_s;
  if (now_s === undefined) return toSeries([]);
  const seconds = samples
    .map((sample, i) => ({ at_s: sample.at_s, rates: ratesAt(samples, i) }))
    .filter((point) => point.rates.every((rate) => rate !== null));
  const seen_s = seconds[0]?.at_s ?? now_s;
  const minutes = minutePoints(history, now_s).filter((point) => point.at_s < seen_s);
  return toSeries(keepSpan([...minutes, ...seconds], now_s - span_s));
}

/** The last hour minute by minute, closed with the rate of this moment. */
export function hourSeries(
  history: readonly HistoryMinute[],
  samples: readonly Sample[],
  span_s: number,
): Series {
  const now_s = samples.at(-1)?.at_s;
  if (now_s === undefined) return toSeries([]);
  const rates = ratesAt(samples, samples.length - 1);
  const points: Point[] = minutePoints(history, now_s);
  if (rates.every((rate) => rate !== null)) points.push({ at_s: now_s, rates });
  return toSeries(keepSpan(points, now_s - span_s));
}

/** One point in the middle of each whole minute; a minute without a row moved nothing, so it is 0. */
function minutePoints(history: readonly HistoryMinute[], now_s: number): Point[] {
  const rows = new Map<number, HistoryMinute>();
  for (const row of history) rows.set(Date.parse(row.minute) / 1000, row);
  const first_s = Math.min(...rows.keys());
  const points: Point[] = [];
  if (!Number.isFinite(first_s)) return points;
  for (let start_s = first_s; start_s + 60 <= now_s; start_s += 60) {
    const stages = rows.get(start_s)?.stages;
    const rates = STEPS.map((step) => (stages?.[step.stage]?.[step.count] ?? 0) / 60);
    points.push({ at_s: start_s + 30, rates });
  }
  return points;
}

/** Drops what lies before the span, but for the one point that the line enters from. */
function keepSpan(points: readonly Point[], from_s: number): readonly Point[] {
  const inside = points.findIndex((point) => point.at_s >= from_s);
  return inside < 0 ? [] : points.slice(Math.max(0, inside - 1));
}

function toSeries(points: readonly Point[]): Series {
  return {
    times: points.map((point) => point.at_s),
    lines: STEPS.map((_, i) => points.map((point) => point.rates[i] ?? null)),
  };
}
