import { Button, TextInput } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import { wordsOf } from "../../api/client";
import type { SavedView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import classes from "./SavedViews.module.css";
import { PATH } from "./useViews";

/** Another name, in place of the row: Enter keeps it, Escape does not. */
export function RenameForm({ view, onDone }: { view: SavedView; onDone(): void }) {
  const [name, setName] = useState(view.name);
  const change = useChange<SavedView>(onDone);

  function save(event: FormEvent) {
    event.preventDefault();
    const path = `${PATH}/${view.id}`;
    const body = { name: name.trim() };
    change.mutate({ method: "PATCH", path, body, ifMatch: view.revision });
  }

  function onKey(event: KeyboardEvent) {
    if (event.key !== "Escape") return;
    // The list of views stays open.
    event.stopPropagation();
    onDone();
  }

  return (
    <form className={classes.form} onSubmit={save} onKeyDown={onKey}>
      <TextInput
        size="sm"
        data-autofocus
        autoFocus
        aria-label={`Another name for ${view.name}`}
        value={name}
        error={change.error ? wordsOf(change.error) : null}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" size="sm" loading={change.isPending} disabled={!name.trim()}>
        Rename
      </Button>
    </form>
  );
}
