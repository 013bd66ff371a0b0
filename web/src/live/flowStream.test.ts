import { expect, it } from "vitest";
import { retryDelay } from "./flowStream";

it("tries again soon, then ever slower, but never slower than ten seconds", () => {
  expect([1, 2, 3, 4, 5, 50].map(retryDelay)).toEqual([1000, 2000, 4000, 8000, 10000, 10000]);
});
