import { Button } from "@mantine/core";
import { When } from "../../components/When";
import classes from "./builder.module.css";
import type { Draft } from "./useDraft";

interface Props {
  draft: Draft;
  onTake(draft: Draft): void;
  onDiscard(): void;
}

/** Offers what an earlier visit left. */
export function DraftLeft({ draft, onTake, onDiscard }: Props) {
  return (
    <div className={classes.bar}>
      <span>
        You left a draft here <When at={draft.at} />.
      </span>
      <Button size="xs" onClick={() => onTake(draft)}>
        Go on with the draft
      </Button>
      <Button size="xs" variant="default" onClick={onDiscard}>
        Discard the draft
      </Button>
    </div>
  );
}
