import type { Explanation } from "../../api/schema";
import { Status } from "../../components/Status";
import { inLine } from "../../components/value";
import classes from "./profile.module.css";

/** The condition of a segment, each part with whether it holds and what was found. */
export function Why({ why }: { why: Explanation | string | null }) {
  // Masked for who may not see values of people.
  if (why === null || typeof why === "string" || typeof why.holds !== "boolean") return null;
  return (
    <div className={classes.why}>
      <Status tone={why.holds ? "ok" : "idle"} word={why.holds ? "holds" : "does not hold"} />{" "}
      {why.condition ? <code>{inLine(why.condition)}</code> : why.kind}
      {why.found === undefined || why.found === null ? null : (
        <span className={classes.dim}> found {inLine(why.found)}</span>
      )}
      {(why.parts ?? []).map((part, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name, and keep their order
        <Why key={place} why={part} />
      ))}
    </div>
  );
}
