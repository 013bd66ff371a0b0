/** What stands in place of a value of a person for whom may not see it. */
export const MASK = "•••";

/** A value of a person in one line: text as it is, everything else as JSON. */
export function inLine(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** As a shell reads it back. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
