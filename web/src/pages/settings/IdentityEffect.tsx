import type { Effect } from "../../api/schema";
import { Confirm } from "../../components/Confirm";
import { formatCount } from "../../components/format";

interface Props {
  effect: Effect | undefined;
  isPending: boolean;
  error: unknown;
  onConfirm(): void;
  onClose(): void;
}

/** Says what new rules mean, and whom they reach, before they hold. */
export function IdentityEffect({ effect, ...rest }: Props) {
  return (
    <Confirm title="Save the rules of identity?" verb="Save rules" {...rest}>
      <p>
        Events are read by these rules from now on. People who are known already stay as they are.
        Other rules later do not take back whom these join.
      </p>
      {effect ? <p>{wordsOf(effect)}</p> : null}
    </Confirm>
  );
}

function wordsOf({ holding, reason }: Effect): string {
  if (holding === null || holding === undefined) return reason;
  if (holding === 0) return "Nobody holds a value that stops identifying by this.";
  const people = formatCount(holding, "person holds", "people hold");
  return `${people} a value that events will not bring any more. They keep it, and are found by it.`;
}
