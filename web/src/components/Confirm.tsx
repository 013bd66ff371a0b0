import { Button, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import classes from "./Confirm.module.css";
import { Dialog } from "./Dialog";
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
  const [given, setGiven] = useState("");
  return (
    <Dialog title={title} onClose={on.onClose}>
      {(close) => (
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            on.onConfirm();
          }}
        >
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
            <Button variant="default" size="sm" onClick={close}>
              Cancel
            </Button>
            <Button
              type="submit"
              size="sm"
              color={typed ? "red" : "indigo"}
              autoContrast
              loading={isPending}
              disabled={typed !== undefined && given.trim() !== typed.trim()}
            >
              {verb}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
