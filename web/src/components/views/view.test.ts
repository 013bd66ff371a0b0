import { expect, test } from "vitest";
import type { SavedView } from "../../api/schema";
import { canOpen, currentOf, hrefOf, queryOf, sorted } from "./view";

const VIEW: SavedView = {
  id: 7,
  page: "profiles",
  name: "Gold",
  filters: { segment: "1" },
  personal_filters: { search: "ada@example.org" },
  shared: false,
  is_mine: true,
  may_change: true,
  owner: "Ada",
  created_at: "2026-11-01T00:00:00Z",
  updated_at: "2026-11-01T00:00:00Z",
  revision: "1",
};

test("a view opens with all of its filters, and says which it is", () => {
  expect(hrefOf(VIEW)).toBe("/profiles?search=ada%40example.org&segment=1&view=7");
});

test("what filters alike is the same query, whatever its order", () => {
  expect(queryOf({ segment: "1", search: " ", state: "" })).toBe("segment=1");
  expect(queryOf({ b: "2", a: "1" })).toBe(queryOf({ a: "1", b: "2" }));
});

test("a view is the present one while it is open, whatever was changed since", () => {
  const other = { ...VIEW, id: 8, personal_filters: {} };
  const team = { ...other, id: 9, is_mine: false };
  const views = [VIEW, team, other];
  expect(currentOf(views, "7", { segment: "2" })).toBe(VIEW);
  expect(currentOf(views, "", { segment: "1" })).toBe(other);
  expect(currentOf([VIEW, team], "99", { segment: "1" })).toBe(team);
  expect(currentOf(views, "", { segment: "3" })).toBeUndefined();
  expect(currentOf([{ ...other, filters: {} }], "", {})).toBeUndefined();
});

test("who may not see people opens no view that searches for one", () => {
  expect(canOpen(VIEW, true)).toBe(true);
  expect(canOpen(VIEW, false)).toBe(false);
  expect(canOpen({ ...VIEW, personal_filters: {} }, false)).toBe(true);
});

test("views stand by name, numbers in their order", () => {
  const names = ["Week 10", "week 9", "All"].map((name) => ({ ...VIEW, name }));
  expect(sorted(names).map((one) => one.name)).toEqual(["All", "week 9", "Week 10"]);
});
