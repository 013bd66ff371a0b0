/** Per-second rates from successive totals: totals of the stream in, rates out; no clock of its own. */

export interface Sample {
  /** Time of the server, in seconds since 1970. */
  at_s: number;
  /** One total a step. */
  totals: readonly number[];
}

/** Deliveries leave in batches; five seconds are enough to see a rate instead of the batches. */
export const RATE_WINDOW_S = 5;
/** Two samples closer than this say more about the clock than about the flow. */
const RATE_SPAN_S_MIN = 0.9;
/** Five minutes of chart and the window before them, one sample a second, with room to spare. */
export const SAMPLES_MAX = 400;

/** Adds a sample. Totals that fall mean another data directory: what came before no longer compares. */
export function addSample(samples: readonly Sample[], next: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (!last) return [next];
  if (next.totals.some((total, i) => total < (last.totals[i] ?? 0))) return [next];
  if (next.at_s <= last.at_s) return samples;
  return [...samples, next].slice(-SAMPLES_MAX);
}

/** Rates at one sample, one a step; null where nothing earlier exists to compare with. */
export function ratesAt(samples: readonly Sample[], index: number): (number | null)[] {
  const now = samples[index];
  if (!now) return [];
  const before = earlierSample(samples, index);
  if (!before) return now.totals.map(() => null);
  const span_s = now.at_s - before.at_s;
  return now.totals.map((total, i) => (total - (before.totals[i] ?? 0)) / span_s);
}

/** The oldest sample inside the window, or, after a pause of the stream, the last one before it. */
function earlierSample(samples: readonly Sample[], index: number): Sample | null {
  const now_s = samples[index]?.at_s ?? 0;
  let found: Sample | null = null;
  for (let i = index - 1; i >= 0; i -= 1) {
    const sample = samples[i];
    if (!sample) break;
    const span_s = now_s - sample.at_s;
    if (span_s < RATE_SPAN_S_MIN) continue;
    // A quarter of a second of slack: a server's second is never exact.
    if (found && span_s > RATE_WINDOW_S + 0.25) break;
    found = sample;
  }
  return found;
}
