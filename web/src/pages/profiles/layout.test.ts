import { expect, test } from "vitest";
import { placeNodes } from "./layout";

const edges = [
  { first: "user_id:ada", second: "anonymous_id:a1" },
  { first: "user_id:ada", second: "email:ada@example.org" },
  { first: "anonymous_id:a1", second: "anonymous_id:a2" },
];
const nodes = ["anonymous_id:a1", "anonymous_id:a2", "email:ada@example.org", "user_id:ada"];

test("columns go by the distance from the strongest identifier", () => {
  const { points, width, height } = placeNodes(nodes, edges);
  const x = (node: string) => points.get(node)?.x;
  expect(x("user_id:ada")).toBe(0);
  expect(x("email:ada@example.org")).toBe(x("anonymous_id:a1"));
  expect(x("anonymous_id:a2")).toBe(520);
  expect([width, height]).toEqual([780, 80]);
});

test("no two stand at one place, and what nothing links begins anew", () => {
  const { points } = placeNodes([...nodes, "phone:+49"], edges);
  const places = [...points.values()].map(({ x, y }) => `${x},${y}`);
  expect(new Set(places).size).toBe(5);
  expect(points.get("phone:+49")?.x).toBe(0);
});

test("nobody has no drawing", () => {
  expect(placeNodes([], []).points.size).toBe(0);
});
