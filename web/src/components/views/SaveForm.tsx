import { Button, Checkbox, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "wouter";
import { wordsOf } from "../../api/client";
import type { SavedView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useMay } from "../../api/useMe";
import { changed } from "../useFilters";
import classes from "./SavedViews.module.css";
import { PATH } from "./useViews";
import { OPENED } from "./view";

interface Props {
  page: SavedView["page"];
  /** What the list is filtered by; "" where nothing is. */
  query: string;
  onSaved(): void;
}

/** Keeps what is shown under a name. */
export function SaveForm({ page, query, onSaved }: Props) {
  const [name, setName] = useState("");
  const [isShared, setShared] = useState(false);
  const [, setParams] = useSearchParams();
  const mayShare = useMay("segment");
  const change = useChange<SavedView>((view) => {
    // Whoever filtered on meanwhile keeps that: only which view is open is added.
    setParams((now) => changed(now, { [OPENED]: String(view.id) }), { replace: true });
    onSaved();
  });

  function save(event: FormEvent) {
    event.preventDefault();
    const body = { page, name: name.trim(), query, shared: isShared };
    change.mutate({ method: "POST", path: PATH, body });
  }

  return (
    <form className={classes.save} onSubmit={save}>
      <div className={classes.form}>
        <TextInput
          size="sm"
          aria-label="Name of the view"
          placeholder={query ? "Name what is shown" : "Filter the list first"}
          disabled={!query}
          value={name}
          error={change.error ? wordsOf(change.error) : null}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button
          type="submit"
          size="sm"
          loading={change.isPending}
          disabled={!name.trim() || !query}
        >
          Save view
        </Button>
      </div>
      {mayShare && query ? (
        <Checkbox
          size="xs"
          label="Share with the team"
          checked={isShared}
          onChange={(event) => setShared(event.currentTarget.checked)}
        />
      ) : null}
    </form>
  );
}
