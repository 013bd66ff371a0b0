import { expect, test } from "vitest";
import { matching } from "./findings";

const all = ["Segments", "Dead letters", "Newsletter readers", "Letters"].map((name) => ({
  name,
  kind: "Page",
  href: `/${name}`,
}));
const names = (text: string) => matching(all, text).map((one) => one.name);

test("where the text begins the name comes first, then where it begins a word", () => {
  expect(names("LET")).toEqual(["Letters", "Dead letters", "Newsletter readers"]);
});

test("no text finds everything, in its order", () => {
  expect(names("")).toEqual(["Segments", "Dead letters", "Newsletter readers", "Letters"]);
  expect(names("x")).toEqual([]);
});
