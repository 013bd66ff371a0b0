import { Button, TextInput } from "@mantine/core";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import classes from "./Confirm.module.css";
import { Problem } from "./Problem";

interface Props {
  title: string;
  /** A verb with its object, as on the button. */
  verb: string;
  /** What it reaches: whom, what, how much. */
  children: ReactNode;
  /** Has to be typed first, where nothing brings back what goes. */
  typed?: string;
  isPending: boolean;
  error?: unknown;
  onConfirm(): void;
  onClose(): void;
}

/** Asks before something that cannot be taken back, and says first what it reaches. */
export function Confirm({ title, verb, children, typed, isPending, error, ...on }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [given, setGiven] = useState("");
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className={classes.dialog} aria-labelledby={id} onClose={on.onClose}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          on.onConfirm();
        }}
      >
        <h2 id={id}>{title}</h2>
        <div className={classes.reach}>{children}</div>
        {typed ? (
          <TextInput
            label={`Type ${typed} to confirm`}
            autoComplete="off"
            value={given}
            onChange={(event) => setGiven(event.currentTarget.value)}
          />
        ) : null}
        <Problem of={error} />
        <div className={classes.buttons}>
          <Button variant="default" size="sm" onClick={() => dialog.current?.close()}>
            Cancel
          </Button>
          <Button
            type="submit"
            size="sm"
            color={typed ? "red" : "indigo"}
            loading={isPending}
            disabled={typed !== undefined && given.trim() !== typed.trim()}
          >
            {verb}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
