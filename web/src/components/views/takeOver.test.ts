import { expect, test } from "vitest";
import { nameFrom, readKept } from "./takeOver";

test("what this page wrote is read, and nothing else", () => {
  const kept = [{ name: "Gold", query: "segment=1" }];
  expect(readKept(JSON.stringify([...kept, { name: 7 }, null]))).toEqual(kept);
  for (const text of [null, "", "{}", "nonsense"]) expect(readKept(text)).toEqual([]);
});

test("a name is made one that the server takes", () => {
  expect(nameFrom(" a/b\tc ")).toBe("a b c");
  expect(nameFrom("/")).toBe("View");
  expect(nameFrom("ä".repeat(120))).toBe("ä".repeat(100));
});
