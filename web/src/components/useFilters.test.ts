import { expect, test } from "vitest";
import { changed } from "./useFilters";

test("what is not set stays as it is, and what is empty goes", () => {
  const before = new URLSearchParams("view=7&state=open&code=a.b");
  expect(String(changed(before, { code: "", state: "replayed", run: "r 1" }))).toBe(
    "view=7&state=replayed&run=r+1",
  );
  expect(String(before)).toBe("view=7&state=open&code=a.b");
});
