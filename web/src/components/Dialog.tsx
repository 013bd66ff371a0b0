import { type ReactNode, useEffect, useId, useRef } from "react";
import classes from "./Dialog.module.css";

interface Props {
  title: string;
  isWide?: boolean;
  onClose(): void;
  /** What stands in it; `close` ends it, as the Escape key does. */
  children(close: () => void): ReactNode;
}

/** Something in front of the page, which waits until it is closed. */
export function Dialog({ title, isWide = false, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={classes.dialog}
      data-wide={isWide || undefined}
      aria-labelledby={id}
      onClose={onClose}
    >
      <h2 id={id}>{title}</h2>
      {children(() => dialog.current?.close())}
    </dialog>
  );
}
