import { type ReactNode, useState } from "react";
import classes from "./Fold.module.css";

interface Props {
  title: string;
  /** What is in it, in a few words, so that it need not be opened to be known. */
  note?: string;
  /** Something in it asks for attention. */
  isForced?: boolean;
  /** What is in it is much: it is made only when somebody opens it. */
  isLazy?: boolean;
  children: ReactNode;
}

/** A part that is folded away until somebody wants it. */
export function Fold({ title, note, isForced = false, isLazy = false, children }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      className={classes.fold}
      open={isOpen || isForced}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <span className={classes.title}>{title}</span>
        {note ? <span className={classes.note}>{note}</span> : null}
      </summary>
      <div className={classes.inside}>{isLazy && !isOpen ? null : children}</div>
    </details>
  );
}
