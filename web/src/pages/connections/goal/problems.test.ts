import { expect, it } from "vitest";
import { ApiError } from "../../../api/client";
import { problemAt, problemsOf } from "./problems";

function refused(...fields: string[]): ApiError {
  const problems = fields.map((field) => ({
    field,
    message: `${field}!`,
    value: null,
    remedy: "",
  }));
  return new ApiError("refused", "Wrong.", "", "goal.invalid", problems);
}

it("finds what is wrong with a field, and below it, but not beside it", () => {
  const problems = problemsOf(refused("mappings.1.source.trait", "mappings.10.field"));
  expect(problemAt(problems, "mappings.1.source")).toBe("mappings.1.source.trait!");
  expect(problemAt(problems, "mappings.1.field")).toBeNull();
  expect(problemAt(problems, "mappings.1")).toBe("mappings.1.source.trait!");
});

it("knows the field wherever the goal stood in what was sent", () => {
  const problems = problemsOf(refused("goal.name", "goal.mappings[2].field"));
  expect(problems.map((one) => one.field)).toEqual(["name", "mappings.2.field"]);
});

it("has nothing to say of other failures", () => {
  expect(problemsOf(new Error("no"))).toEqual([]);
});
