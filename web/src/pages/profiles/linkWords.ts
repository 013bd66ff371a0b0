import type { LinkView } from "../../api/schema";

/** What was decided about two identifiers, as a sentence. */
export function linkWords(link: LinkView): string {
  const first = `${link.first.kind} ${link.first.value}`;
  const second = `${link.second.kind} ${link.second.value}`;
  const by = ruleWords(link.rule);
  switch (link.decision) {
    case "merge":
      return `Became one with person ${link.other_profile_id}: ${by} named ${first} and ${second}.`;
    case "moved":
      return `${second} moved from person ${link.other_profile_id} to person ${link.profile_id}: ${by} named it with ${first}.`;
    case "refused":
      return `Not linked, though ${by} named ${first} and ${second}: ${reasonWords(link.reason)}.`;
    default:
      return `${second} was added: ${by} named it with ${first}.`;
  }
}

export const DECISIONS: Record<string, string> = {
  attach: "Added",
  merge: "Merged",
  moved: "Moved",
  refused: "Refused",
};

function ruleWords(rule: string): string {
  return rule === "import" ? "an imported row" : `an event of the type ${rule}`;
}

const REASONS: Record<string, string> = {
  user_id_conflict: "both sides have a user id, and a person has one only",
  identifier_limit: "a person has no more identifiers than that",
};

function reasonWords(reason: string): string {
  return REASONS[reason] ?? (reason || "a rule forbids it");
}
