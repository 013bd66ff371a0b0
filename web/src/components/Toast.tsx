import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { createPortal } from "react-dom";
import classes from "./Toast.module.css";
import { Words } from "./Words";

interface Props {
  text: string;
  /** Something did not happen: it stays until it is closed. */
  isProblem?: boolean;
  /** It stays, too. */
  isKept?: boolean;
  /** The way back, or whatever else can be done about it. */
  action?: { name: string; run(): void };
  onGone(): void;
}

const SHOWN_MS = 10_000;

/** Says at the foot of the page what was done, or what could not be, with a way back. */
export function Toast({ text, isProblem = false, isKept = isProblem, action, onGone }: Props) {
  // Whoever points at it, or has come to it by keyboard, is about to use it.
  const [isHeld, setHeld] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: counted from when it is shown, not from each render
  useEffect(() => {
    if (isKept || isHeld) return;
    const timer = setTimeout(onGone, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [text, isKept, isHeld]);
  return createPortal(
    // biome-ignore lint/a11y/noStaticElementInteractions: nothing is done here but waiting longer
    <div
      className={classes.note}
      role={isProblem ? "alert" : "status"}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span>
        <Words text={text} />
      </span>
      {action ? (
        <Button size="compact-sm" variant="subtle" onClick={action.run}>
          {action.name}
        </Button>
      ) : null}
      {isKept ? (
        <Button size="compact-sm" variant="subtle" onClick={onGone}>
          Close
        </Button>
      ) : null}
    </div>,
    document.body,
  );
}
