/** The API leaves out of a declaration what is as by default, also where its types say otherwise. */
import type { Field, GoalKind, MatchTarget, Preset, Target } from "../../../api/schema";

const FIELD: Omit<Field, "name" | "title"> = {
  choices: [],
  group: "",
  guards_secrets: false,
  help: "",
  is_listed: false,
  kind: "text",
  required: false,
  sent_to: "",
  suggestions: [],
};
const TARGET: Omit<Target, "name" | "title"> = { help: "", is_free: false, type: "text" };
const MATCH: Omit<MatchTarget, "name" | "title" | "identifier"> = { help: "", labelled: false };

/** A kind of goal with all that it says, and all that it need not say. */
export function wholeKind(kind: GoalKind): GoalKind {
  return {
    ...kind,
    fields: kind.fields.map((one): Field => ({ ...FIELD, ...one })),
    targets: kind.targets.map((one): Target => ({ ...TARGET, ...one })),
    match: kind.match.map((one): MatchTarget => ({ ...MATCH, ...one })),
    presets: kind.presets.map((one): Preset => ({ ...one, settings: one.settings ?? {} })),
  };
}
