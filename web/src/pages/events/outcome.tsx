import type { ReceivedEvent } from "../../api/schema";
import { Status, type Tone } from "../../components/Status";

type Outcome = NonNullable<ReceivedEvent["outcome"]>;

const WORDS: Record<Outcome, [Tone, string]> = {
  passed: ["ok", "Taken in"],
  filtered: ["idle", "Duplicate"],
  rejected: ["bad", "Refused"],
  deferred: ["warn", "Waits"],
};

export const OUTCOMES: { value: string; label: string }[] = [
  { value: "", label: "Any outcome" },
  ...Object.entries(WORDS).map(([value, [, label]]) => ({ value, label })),
];

/** What became of an event so far, in a word. */
export function OutcomeStatus({ of: outcome }: { of: ReceivedEvent["outcome"] }) {
  if (outcome === null) return <Status tone="idle" word="Too long ago to tell" />;
  const [tone, word] = WORDS[outcome];
  return <Status tone={tone} word={word} isPulsing={outcome === "deferred"} />;
}
