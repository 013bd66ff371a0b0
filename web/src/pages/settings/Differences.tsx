import { differencesOf } from "./differences";
import classes from "./settings.module.css";

const CHARS_MAX = 120;
/** What was made or deleted has many; what was changed, some. */
const LINES_MAX = 8;

/** What differs between two states, a line for each field: what it held, and what it holds. */
export function Differences({ before, after }: { before: unknown; after: unknown }) {
  const lines = differencesOf(before, after);
  if (lines.length === 0) return "–";
  const list = (
    <ul className={classes.differences}>
      {lines.map(({ name, before: was, after: is }) => (
        <li key={name}>
          {name.replaceAll("_", " ")}: {was === undefined ? null : <Value of={was} as="del" />}
          {was === undefined || is === undefined ? null : " → "}
          {is === undefined ? null : <Value of={is} as="ins" />}
        </li>
      ))}
    </ul>
  );
  if (lines.length <= LINES_MAX) return list;
  return (
    <details className={classes.differences}>
      <summary>
        {lines.length} fields: {nameIn(after) ?? nameIn(before) ?? lines[0]?.name}
      </summary>
      {list}
    </details>
  );
}

function nameIn(state: unknown): string | undefined {
  const name = (state as { name?: unknown } | null)?.name;
  return typeof name === "string" ? name : undefined;
}

/** A long one is folded: its beginning tells which it is. */
function Value({ of: text, as: Mark }: { of: string; as: "del" | "ins" }) {
  if (text.length <= CHARS_MAX) return <Mark>{text}</Mark>;
  return (
    <details>
      <summary>
        <Mark>{text.slice(0, CHARS_MAX)}…</Mark>
      </summary>
      <Mark>{text}</Mark>
    </details>
  );
}
