import { Button } from "@mantine/core";
import { useEffect } from "react";
import { createPortal } from "react-dom";
import classes from "./Toast.module.css";
import { Words } from "./Words";

interface Props {
  text: string;
  /** Something did not happen: it stays until it is closed. */
  isProblem?: boolean;
  /** The way back, or whatever else can be done about it. */
  action?: { name: string; run(): void };
  onGone(): void;
}

const SHOWN_MS = 10_000;

/** Says at the foot of the page what was done, or what could not be, with a way back. */
export function Toast({ text, isProblem = false, action, onGone }: Props) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: counted from when it is shown, not from each render
  useEffect(() => {
    if (isProblem) return;
    const timer = setTimeout(onGone, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [text, isProblem]);
  return createPortal(
    <div className={classes.note} role={isProblem ? "alert" : "status"}>
      <span>
        <Words text={text} />
      </span>
      {action ? (
        <Button size="compact-sm" variant="subtle" onClick={action.run}>
          {action.name}
        </Button>
      ) : null}
      {isProblem ? (
        <Button size="compact-sm" variant="subtle" onClick={onGone}>
          Close
        </Button>
      ) : null}
    </div>,
    document.body,
  );
}
