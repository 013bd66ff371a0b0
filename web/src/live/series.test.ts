import { describe, expect, it } from "vitest";
import type { HistoryMinute } from "../api/flow";
import type { Sample } from "./rates";
import { hourSeries, liveSeries } from "./series";

const NOON_S = Date.parse("2026-03-01T12:00:00Z") / 1000;

function minuteAt(minute: number, received: number): HistoryMinute {
  const counts = { received, passed: received, filtered: 0, rejected: 0 };
  return {
    minute: new Date((NOON_S + minute * 60) * 1000).toISOString(),
    stages: { capture: counts, unify: counts, segment: counts, activate: counts },
  };
}

function sampleAt(second: number, total: number): Sample {
  return { at_s: NOON_S + second, totals: [total, total, total, total, total] };
}

describe("the series of the chart", () => {
  it("is empty before the first snapshot", () => {
    expect(liveSeries([minuteAt(0, 60)], [], 300).times).toEqual([]);
  });

  it("puts a minute's average into its middle", () => {
    const series = liveSeries([minuteAt(0, 120)], [sampleAt(60, 0)], 300);
    expect(series.times).toEqual([NOON_S + 30]);
    expect(series.lines[0]).toEqual([2]);
  });

  it("leaves out the minute that still runs", () => {
    expect(liveSeries([minuteAt(0, 120)], [sampleAt(59, 0)], 300).times).toEqual([]);
  });

  it("knows a minute without a row as one in which nothing moved", () => {
    const series = liveSeries([minuteAt(0, 60), minuteAt(2, 60)], [sampleAt(180, 0)], 300);
    expect(series.lines[0]).toEqual([1, 0, 1]);
  });

  it("goes on with the seconds that the page has seen itself", () => {
    const samples = [sampleAt(60, 0), sampleAt(61, 10), sampleAt(62, 20)];
    const series = liveSeries([minuteAt(0, 60)], samples, 300);
    expect(series.times).toEqual([NOON_S + 30, NOON_S + 61, NOON_S + 62]);
    expect(series.lines[4]).toEqual([1, 10, 10]);
  });

  it("keeps one point before the span, where the line comes in", () => {
    const history = [0, 1, 2, 3, 4, 5, 6, 7].map((minute) => minuteAt(minute, 60));
    const series = liveSeries(history, [sampleAt(480, 0)], 300);
    expect(series.times[0]).toBe(NOON_S + 150);
  });

  it("of the hour ends with the rate of this moment", () => {
    const series = hourSeries([minuteAt(0, 60)], [sampleAt(60, 0), sampleAt(62, 14)], 3600);
    expect(series.times).toEqual([NOON_S + 30, NOON_S + 62]);
    expect(series.lines[0]).toEqual([1, 7]);
  });
});
