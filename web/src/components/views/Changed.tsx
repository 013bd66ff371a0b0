import { Button } from "@mantine/core";
import { Link } from "wouter";
import type { SavedView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { Problem } from "../Problem";
import classes from "./SavedViews.module.css";
import { PATH } from "./useViews";
import { hrefOf } from "./view";

interface Props {
  view: SavedView;
  /** What the list is filtered by now. */
  query: string;
  onDone(): void;
}

/** The view that is open filters otherwise than what is shown: keep that in it, or go back to it. */
export function Changed({ view, query, onDone }: Props) {
  const change = useChange<SavedView>(onDone);
  const path = `${PATH}/${view.id}`;
  const update = () =>
    change.mutate({ method: "PATCH", path, body: { query }, ifMatch: view.revision });
  return (
    <section className={classes.notice} aria-label="Changed since saved">
      <p>
        You see other filters than <strong>{view.name}</strong> has.
      </p>
      <div className={classes.buttons}>
        {view.may_change && query ? (
          <Button size="compact-sm" loading={change.isPending} onClick={update}>
            Update view
          </Button>
        ) : null}
        <Button
          size="compact-sm"
          variant="default"
          component={Link}
          href={hrefOf(view)}
          onClick={onDone}
        >
          Back to saved
        </Button>
      </div>
      <Problem of={change.error} />
    </section>
  );
}
