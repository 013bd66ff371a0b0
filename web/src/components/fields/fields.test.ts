import { describe, expect, it } from "vitest";
import { ApiError } from "../../api/client";
import type { Field } from "../../api/schema";
import { allPlaced, effectiveOf, groupsOf, problemsOf, readInteger, shapeProblem } from "./fields";

function field(given: Partial<Field>): Field {
  return {
    name: "endpoint",
    title: "Address",
    kind: "text",
    help: "",
    required: false,
    choices: [],
    suggestions: [],
    guards_secrets: false,
    is_listed: false,
    sent_to: "",
    group: "",
    ...given,
  };
}

describe("the parts of a form", () => {
  it("begins with what has no heading, wherever that was declared", () => {
    const fields = [field({ name: "bucket", group: "S3" }), field({ name: "endpoint" })];
    const parts = groupsOf(fields).map((one) => [one.title, one.fields.map((each) => each.name)]);
    expect(parts).toEqual([
      ["", ["endpoint"]],
      ["S3", ["bucket"]],
    ]);
  });

  it("shows what counts where nothing is given", () => {
    const one = field({ name: "contract", default: "mau" });
    expect(effectiveOf(one, {})).toBe("mau");
    expect(effectiveOf(one, { contract: "" })).toBe("mau");
    expect(effectiveOf(one, { contract: "points" })).toBe("points");
  });
});

describe("what can be seen without the server", () => {
  it.each([
    ["12", 12],
    [" 12 ", 12],
    ["", null],
    ["a dozen", "a dozen"],
    ["1.5", "1.5"],
  ])("%s is read as %s", (text, value) => {
    expect(readInteger(text)).toBe(value);
  });

  it("objects to a number that is none, and to an address without its scheme", () => {
    expect(shapeProblem(field({ kind: "integer" }), "a dozen")).toContain("whole number");
    expect(shapeProblem(field({ kind: "integer" }), 12)).toBe("");
    expect(shapeProblem(field({ kind: "url" }), "rest.example.org")).toContain("https://");
    expect(shapeProblem(field({ kind: "url" }), "https://rest.example.org")).toBe("");
    expect(shapeProblem(field({ kind: "url", required: true }), "")).toBe("");
  });
});

describe("what the server objects to", () => {
  const error = new ApiError("refused", "2 fields are wrong.", "", "connection.invalid", [
    { field: "settings.endpoint", message: "An address is needed.", value: null, remedy: "" },
    { field: "labels.3", message: "A label has 1 to 100 characters.", value: "", remedy: "" },
  ]);

  it("stands at its field, that of one in a list at the list", () => {
    expect(problemsOf(error, ["settings.endpoint", "labels"])).toEqual({
      "settings.endpoint": "An address is needed.",
      labels: "A label has 1 to 100 characters.",
    });
  });

  it("is said apart where the form has no such field", () => {
    expect(allPlaced(error, ["settings.endpoint", "labels"])).toBe(true);
    expect(allPlaced(error, ["settings.endpoint"])).toBe(false);
    expect(allPlaced(new ApiError("unreachable", "No answer."), ["labels"])).toBe(false);
  });
});
