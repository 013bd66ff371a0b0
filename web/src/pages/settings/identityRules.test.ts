import { expect, test } from "vitest";
import type { IdentityView } from "../../api/schema";
import { linesOf } from "../../components/LinesInput";
import { chosen, countryOf, givenBack, isChanged, originOf, rulesOf } from "./identityRules";

const SERVER = { phone_region: "", currency: "CHF", trait_identifiers: {}, blocked_values: [] };
const VIEW: IdentityView = {
  rules: { ...SERVER, phone_region: "DE" },
  origins: {
    phone_region: "workspace",
    currency: "server",
    trait_identifiers: "built_in",
    blocked_values: "built_in",
  },
  choice: { phone_region: "DE" },
  server: SERVER,
  version: 1,
  status: { is_in_force: true, since: null },
  updated_at: null,
  revision: "1",
};

test("what is not chosen is as the server says", () => {
  const choice = chosen(VIEW.choice, "blocked_values", ["demo"]);
  expect(rulesOf(choice, SERVER)).toEqual({
    ...SERVER,
    phone_region: "DE",
    blocked_values: ["demo"],
  });
  expect(givenBack(choice, "phone_region")).toEqual({ blocked_values: ["demo"] });
});

test("only what differs is a change", () => {
  const traits = { trait_identifiers: { a: "x", b: "y" } };
  expect(isChanged(traits, { trait_identifiers: { b: "y", a: "x" } })).toBe(false);
  expect(isChanged(traits, { trait_identifiers: { a: "x" } })).toBe(true);
  expect(isChanged({ phone_region: "" }, {})).toBe(true);
  expect(isChanged({}, {})).toBe(false);
});

test("values stand a line each", () => {
  expect(linesOf(" demo \n\nwalk-in, till 3\ndemo")).toEqual(["demo", "walk-in, till 3"]);
});

test("who says a rule is told in words", () => {
  expect(originOf("phone_region", VIEW.choice, VIEW)).toBe("Set here.");
  expect(originOf("phone_region", {}, VIEW)).toBe("As the server says, once you save.");
  expect(originOf("currency", VIEW.choice, VIEW)).toBe("As the settings of the server say.");
  expect(originOf("blocked_values", VIEW.choice, VIEW)).toBe("Not set.");
});

test("a country has a name", () => {
  expect(countryOf("DE")).toBe("Germany");
  expect(countryOf("de")).toBe("");
  expect(countryOf("")).toBe("");
});
