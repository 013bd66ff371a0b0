import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import classes from "./Dialog.module.css";
import { IconButton } from "./IconButton";

interface Props {
  title: string;
  isWide?: boolean;
  /** The title is read aloud only, and what stands in it reaches to the edge. */
  isBare?: boolean;
  onClose(): void;
  /** What stands in it; `close` ends it, as the Escape key and a click beside it do. */
  children(close: () => void): ReactNode;
}

/** Something in front of the page, which waits until it is closed. */
export function Dialog({ title, isWide = false, isBare = false, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same, by the element itself
    <dialog
      ref={dialog}
      className={classes.dialog}
      data-wide={isWide || undefined}
      data-bare={isBare || undefined}
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <div className={classes.inside}>
        <header className={classes.head}>
          <h2 id={id}>{title}</h2>
          {isBare ? null : (
            <IconButton label="Close" onClick={() => dialog.current?.close()}>
              <IconX size={16} stroke={1.6} />
            </IconButton>
          )}
        </header>
        {children(() => dialog.current?.close())}
      </div>
    </dialog>
  );
}
