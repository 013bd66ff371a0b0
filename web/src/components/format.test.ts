import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatMs,
  formatRate,
  formatShare,
  formatShort,
  formatSpan,
} from "./format";

describe("counts", () => {
  it.each([
    [0, "0"],
    [9_999, "9,999"],
    [10_000, "10k"],
    [12_449, "12.4k"],
    [999_999, "999.9k"],
    [1_284_870, "1.2M"],
    [3_000_000_000, "3B"],
  ])("%d is written %s", (value, text) => {
    expect(formatShort(value)).toBe(text);
  });
});

describe("rates", () => {
  it.each([
    [null, "–"],
    [0, "0/s"],
    [0.01, "<0.1/s"],
    [2.44, "2.4/s"],
    [9.96, "10/s"],
    [1_204.4, "1,204/s"],
    [12_400, "12.4k/s"],
  ])("%d is written %s", (value, text) => {
    expect(formatRate(value)).toBe(text);
  });
});

describe("durations", () => {
  it.each([
    [180.2, "180 ms"],
    [999.6, "1 s"],
    [1_240, "1.2 s"],
    [150_000, "2.5 min"],
  ])("%d ms are written %s", (value, text) => {
    expect(formatMs(value)).toBe(text);
  });

  it.each([
    [-500, "0 s"],
    [12_900, "12 s"],
    [180_000, "3 min"],
    [7_200_000, "2 h"],
    [86_400_000, "1 day"],
    [345_600_000, "4 days"],
  ])("a span of %d ms is written %s", (value, text) => {
    expect(formatSpan(value)).toBe(text);
  });
});

describe("shares", () => {
  it.each([
    [0, 0, "0 %"],
    [61, 100, "61 %"],
    [1, 1_000, "<1 %"],
    [999, 1_000, ">99 %"],
    [5, 5, "100 %"],
  ])("%d of %d is written %s", (part, total, text) => {
    expect(formatShare(part, total)).toBe(text);
  });
});

describe("counts of something", () => {
  it.each([
    [1, "1 field"],
    [0, "0 fields"],
    [1_204, "1,204 fields"],
  ])("%d is written %s", (value, text) => {
    expect(formatCount(value, "field", "fields")).toBe(text);
  });
});

describe("sizes", () => {
  it.each([
    [0, "0 byte"],
    [999, "999 byte"],
    [1_000, "1 kB"],
    [68_719_476_736, "68.7 GB"],
    [9_000_000_000_000_000, "9,000 TB"],
  ])("%d bytes are written %s", (value, text) => {
    expect(formatBytes(value)).toBe(text);
  });
});
