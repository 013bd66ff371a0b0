import { Button, Popover, VisuallyHidden } from "@mantine/core";
import { IconBookmark, IconBookmarkFilled } from "@tabler/icons-react";
import { useCallback, useRef, useState } from "react";
import { useSearchParams } from "wouter";
import type { SavedView } from "../../api/schema";
import { offerUndo } from "../../api/undo";
import { Problem } from "../Problem";
import { Changed } from "./Changed";
import { Deleted } from "./Deleted";
import classes from "./SavedViews.module.css";
import { SaveForm } from "./SaveForm";
import { useViews } from "./useViews";
import { ViewGroup } from "./ViewGroup";
import { currentOf, type Filters, OPENED, queryOf, queryOfView, sorted } from "./view";

interface Props {
  of: SavedView["page"];
  /** What the list is filtered by now. */
  filters: Filters;
}

/** The filters of a list, kept under a name: one's own views and the team's. */
export function SavedViews({ of: page, filters }: Props) {
  const [params] = useSearchParams();
  const [isOpen, setOpen] = useState(false);
  const [deleted, setDeleted] = useState<SavedView | null>(null);
  const listing = useViews(page);
  const views = sorted(listing.data ?? []);
  const query = queryOf(filters);
  const current = currentOf(views, params.get(OPENED) ?? "", filters);
  const isChanged = current !== undefined && queryOfView(current) !== query;
  const dropdown = useRef<HTMLDivElement>(null);
  const close = () => setOpen(false);
  const forget = useCallback(() => setDeleted(null), []);
  const onDeleted = (view: SavedView) => {
    offerUndo(null);
    setDeleted(view);
    // What had the focus goes: keys go on from here.
    dropdown.current?.focus();
  };
  const group = { current, onOpen: close, onDeleted };
  return (
    <>
      <Popover
        opened={isOpen}
        onChange={setOpen}
        position="bottom-start"
        shadow="md"
        width={340}
        trapFocus
        returnFocus
        // It would do so before a form in it could take the key for itself.
        closeOnEscape={false}
      >
        <Popover.Target>
          <Button
            className={classes.target ?? ""}
            variant="default"
            size="sm"
            leftSection={current ? <IconBookmarkFilled size={14} /> : <IconBookmark size={16} />}
            onClick={() => setOpen(!isOpen)}
          >
            <VisuallyHidden>{current ? "View: " : ""}</VisuallyHidden>
            <span className={classes.current}>{current?.name ?? "Views"}</span>
            {isChanged ? <span className={classes.changed}> changed</span> : null}
          </Button>
        </Popover.Target>
        <Popover.Dropdown
          ref={dropdown}
          className={classes.dropdown ?? ""}
          onKeyDown={(event) => event.key === "Escape" && close()}
        >
          {current && isChanged ? <Changed view={current} query={query} onDone={close} /> : null}
          <Problem of={listing.error} />
          {listing.data && views.length === 0 ? <NoneYet isFiltered={query !== ""} /> : null}
          <div className={classes.groups}>
            <ViewGroup title="Yours" views={views.filter((one) => !one.shared)} {...group} />
            <ViewGroup title="The team's" views={views.filter((one) => one.shared)} {...group} />
          </div>
          {current && !isChanged ? null : <SaveForm page={page} query={query} onSaved={close} />}
        </Popover.Dropdown>
      </Popover>
      {deleted ? <Deleted view={deleted} onGone={forget} /> : null}
    </>
  );
}

function NoneYet({ isFiltered }: { isFiltered: boolean }) {
  return (
    <p className={classes.dim}>
      A view keeps the filters of this list under a name, for you or for the team.{" "}
      {isFiltered ? "Save what you see here." : "Filter the list, then save it here."}
    </p>
  );
}
