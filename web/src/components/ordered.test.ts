import { expect, it } from "vitest";
import { moved, replaced, without } from "./ordered";

it("moves an item to the place that it then has", () => {
  expect(moved(["a", "b", "c", "d"], 0, 2)).toEqual(["b", "c", "a", "d"]);
  expect(moved(["a", "b", "c", "d"], 3, 1)).toEqual(["a", "d", "b", "c"]);
  expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
});

it("replaces and leaves out by place", () => {
  expect(replaced(["a", "a"], 1, "b")).toEqual(["a", "b"]);
  expect(without(["a", "a", "b"], 0)).toEqual(["a", "b"]);
});
