/** What the server finds wrong with a draft, beside the field that it names. */
import { ApiError } from "../../../api/client";
import type { FieldProblem } from "../../../api/schema";

export type Problems = readonly FieldProblem[];

/** Of an answer: paths as of the goal itself, whether it stood by itself or inside of a preview. */
export function problemsOf(error: unknown): Problems {
  if (!(error instanceof ApiError)) return [];
  return error.problems.map((one) => ({ ...one, field: pathOf(one.field) }));
}

/** `goal.mappings[2].field` is the field `mappings.2.field` of the goal. */
function pathOf(field: string): string {
  return field
    .replace(/\[(\d+)\]/g, ".$1")
    .replace(/^goal\./, "")
    .replace(/^data\./, "");
}

/** What is wrong with a field, or anything below it. */
export function problemAt(problems: Problems, path: string): string | null {
  const found = problems.filter((one) => one.field === path || one.field.startsWith(`${path}.`));
  return found.map((one) => one.message).join(" ") || null;
}

/** The fields that are named, shown or not, in words. */
export function isNamed(problems: Problems, paths: readonly string[]): boolean {
  return paths.some((path) => problemAt(problems, path) !== null);
}
