import { type ReactNode, useEffect, useId, useRef } from "react";
import classes from "./Dialog.module.css";

interface Props {
  title: string;
  /** The title is read aloud only. */
  isBare?: boolean;
  close(): void;
  children: ReactNode;
}

/** Something in front of the page that has to be answered or left; Escape and a click beside it leave. */
export function Dialog({ title, isBare = false, close, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same, by the element itself
    <dialog
      ref={dialog}
      className={classes.dialog}
      data-bare={isBare || undefined}
      aria-labelledby={id}
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div className={classes.inside}>
        <h2 id={id} className={isBare ? classes.hidden : undefined}>
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}
