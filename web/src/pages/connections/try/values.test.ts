import { describe, expect, it } from "vitest";
import { readPairs, readTexts, readValue } from "./values";

describe("typed values", () => {
  it("are JSON where they can be, text where they cannot", () => {
    expect(["80", "true", "[1]", "gold", "0049 1", "null"].map(readValue)).toEqual([
      80,
      true,
      [1],
      "gold",
      "0049 1",
      "null",
    ]);
  });

  it("have names, or do not count", () => {
    const pairs = [
      { id: 1, name: " plan ", value: "7" },
      { id: 2, name: " ", value: "x" },
    ];
    expect([readPairs(pairs), readTexts(pairs)]).toEqual([{ plan: 7 }, { plan: "7" }]);
  });
});
