/** Numbers and times as the pages write them: short where it helps, exact where it is asked for. */

/** Numbers and dates go by the browser's language; tests by one, wherever they run. */
export const LOCALE = import.meta.env.MODE === "test" ? "en-US" : navigator.language;

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });

/** From here on a count is read by its size, not by its digits. */
const SHORT_FROM = 10_000;
const UNITS = [
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

export function formatExact(value: number): string {
  return whole.format(value);
}

/** 1 field · 1,204 fields. */
export function formatCount(value: number, one: string, many: string): string {
  return `${formatExact(value)} ${value === 1 ? one : many}`;
}

/** 9,999 · 12.4k · 1.2M: rounded down, so that a count is never said to be more than it is. */
export function formatShort(value: number): string {
  if (Math.abs(value) < SHORT_FROM) return whole.format(value);
  for (const [size, letter] of UNITS) {
    if (Math.abs(value) >= size) return tenth.format(Math.trunc((value / size) * 10) / 10) + letter;
  }
  return whole.format(value);
}

/** 0/s · 0.4/s · 2.4/s · 1,204/s · 12.4k/s; an unknown rate is a dash. */
export function formatRate(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (value > 0 && value < 0.05) return "<0.1/s";
  return `${value < 9.95 ? tenth.format(value) : formatShort(value)}/s`;
}

/** 180 ms · 1.2 s · 2.5 min. */
export function formatMs(value: number): string {
  if (value < 999.5) return `${whole.format(value)} ms`;
  if (value < 59_950) return `${tenth.format(value / 1000)} s`;
  return `${tenth.format(value / 60_000)} min`;
}

/** 61 % of a whole; under one percent and nearly all stay visible as such. */
export function formatShare(part: number, total: number): string {
  if (total <= 0) return "0 %";
  const percent = (part / total) * 100;
  if (percent > 0 && percent < 1) return "<1 %";
  if (percent > 99 && percent < 100) return ">99 %";
  return `${whole.format(percent)} %`;
}

const SPANS = [
  [86_400, "day", "days"],
  [3_600, "h", "h"],
  [60, "min", "min"],
] as const;

/** 12 s · 3 min · 2 h · 4 days. */
export function formatSpan(span_ms: number): string {
  const span_s = Math.max(0, Math.floor(span_ms / 1000));
  for (const [size, one, many] of SPANS) {
    const count = Math.floor(span_s / size);
    if (count >= 1) return `${count} ${count === 1 ? one : many}`;
  }
  return `${span_s} s`;
}

const exactTime = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "long" });
const clockTime = new Intl.DateTimeFormat(LOCALE, { timeStyle: "medium" });

export function formatExactTime(at_ms: number): string {
  return exactTime.format(at_ms);
}

export function formatClock(at_ms: number): string {
  return clockTime.format(at_ms);
}

const day = new Intl.DateTimeFormat(LOCALE, { dateStyle: "full" });

/** The day, by this computer's time zone. */
export function formatDay(at_ms: number): string {
  return day.format(at_ms);
}

const utcDate = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeZone: "UTC" });
const utcShort = new Intl.DateTimeFormat(LOCALE, {
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});

/** Nov 28, 2026, of a day as the API writes it. */
export function formatUtcDay(day: string): string {
  return utcDate.format(new Date(day));
}

/** Nov 28. */
export function formatShortUtcDay(day: string): string {
  return utcShort.format(new Date(day));
}

const BYTES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** Bytes in the largest unit that leaves a whole number: "64 GB". */
export function formatBytes(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), BYTES.length - 1);
  const unit = BYTES[power] ?? "byte";
  const options = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(undefined, options).format(bytes / 1000 ** power);
}
