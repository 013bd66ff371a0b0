import { describe, expect, it } from "vitest";
import { addSample, ratesAt, SAMPLES_MAX, type Sample } from "./rates";

function samplesOf(...pairs: [number, number][]): Sample[] {
  return pairs.map(([at_s, total]) => ({ at_s, totals: [total] }));
}

describe("rates", () => {
  it("are unknown at the first sample", () => {
    expect(ratesAt(samplesOf([0, 500]), 0)).toEqual([null]);
  });

  it("are the difference of two totals over their time", () => {
    expect(ratesAt(samplesOf([0, 100], [2, 300]), 1)).toEqual([100]);
  });

  it("average over the window, so that a batch is no peak", () => {
    const samples = samplesOf([0, 0], [1, 0], [2, 0], [3, 0], [4, 0], [5, 500], [6, 500]);
    expect(ratesAt(samples, 5)).toEqual([100]);
    expect(ratesAt(samples, 6)).toEqual([100]);
  });

  it("bridge a pause of the stream with its average", () => {
    expect(ratesAt(samplesOf([0, 0], [60, 600]), 1)).toEqual([10]);
  });

  it("do not trust two samples that are almost one", () => {
    expect(ratesAt(samplesOf([0, 0], [0.05, 40]), 1)).toEqual([null]);
  });

  it("start anew when totals fall", () => {
    const samples = addSample(samplesOf([0, 100], [1, 200]), { at_s: 2, totals: [5] });
    expect(samples).toEqual(samplesOf([2, 5]));
  });

  it("ignore a snapshot that was seen already", () => {
    const samples = samplesOf([0, 100], [1, 200]);
    expect(addSample(samples, { at_s: 1, totals: [200] })).toBe(samples);
  });

  it("keep no more samples than the chart shows", () => {
    let samples: readonly Sample[] = [];
    for (let i = 0; i < SAMPLES_MAX + 50; i += 1) {
      samples = addSample(samples, { at_s: i, totals: [i] });
    }
    expect(samples).toHaveLength(SAMPLES_MAX);
    expect(samples[0]?.at_s).toBe(50);
  });
});
