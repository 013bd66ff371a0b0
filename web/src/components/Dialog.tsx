import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import classes from "./Dialog.module.css";
import { IconButton } from "./IconButton";

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
        <header className={isBare ? classes.hidden : classes.head}>
          <h2 id={id}>{title}</h2>
          {isBare ? null : (
            <IconButton label="Close" onClick={close}>
              <IconX size={16} stroke={1.6} />
            </IconButton>
          )}
        </header>
        {children}
      </div>
    </dialog>
  );
}
