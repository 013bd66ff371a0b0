import { IconPencil, IconTrash, IconUserMinus, IconUsersPlus } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { Link } from "wouter";
import type { SavedView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useMay } from "../../api/useMe";
import { IconButton } from "../IconButton";
import { Problem } from "../Problem";
import { RenameForm } from "./RenameForm";
import classes from "./SavedViews.module.css";
import { PATH } from "./useViews";
import { canOpen, hrefOf } from "./view";

interface Props {
  view: SavedView;
  isCurrent: boolean;
  onOpen(): void;
  onDeleted(view: SavedView): void;
}

/** One view: open it, and what may be done with it. */
export function ViewRow({ view, isCurrent, onOpen, onDeleted }: Props) {
  const [isRenaming, setRenaming] = useState(false);
  const row = useRef<HTMLLIElement>(null);
  const change = useChange<SavedView>();
  const removal = useChange(() => onDeleted(view));
  const endRenaming = () => {
    setRenaming(false);
    // The form had the focus: keys go on from its row.
    row.current?.focus();
  };
  if (isRenaming) {
    return (
      <li ref={row} tabIndex={-1}>
        <RenameForm view={view} onDone={endRenaming} />
      </li>
    );
  }
  const path = `${PATH}/${view.id}`;
  const share = () =>
    change.mutate({
      method: "PATCH",
      path,
      body: { shared: !view.shared },
      ifMatch: view.revision,
    });
  const remove = () => removal.mutate({ method: "DELETE", path, ifMatch: view.revision });
  return (
    <li ref={row} tabIndex={-1}>
      <div className={classes.row} data-current={isCurrent || undefined}>
        <ViewLink view={view} isCurrent={isCurrent} onOpen={onOpen} />
        {view.may_change ? (
          <span className={classes.buttons}>
            <IconButton label={`Rename view ${view.name}`} onClick={() => setRenaming(true)}>
              <IconPencil size={15} stroke={1.6} />
            </IconButton>
            <ShareButton view={view} onClick={share} />
            <IconButton label={`Delete view ${view.name}`} onClick={remove}>
              <IconTrash size={15} stroke={1.6} />
            </IconButton>
          </span>
        ) : null}
      </div>
      <Problem of={change.error ?? removal.error} />
    </li>
  );
}

function ViewLink({ view, isCurrent, onOpen }: Omit<Props, "onDeleted">) {
  const maySeePeople = useMay("personal");
  const owner = view.shared && !view.is_mine && view.owner ? `by ${view.owner}` : "";
  if (!canOpen(view, maySeePeople)) {
    return (
      <span className={classes.name}>
        {view.name}
        <small>searches for a person; you may not see people's data</small>
      </span>
    );
  }
  return (
    <Link
      className={classes.name ?? ""}
      href={hrefOf(view)}
      aria-current={isCurrent || undefined}
      onClick={onOpen}
    >
      {view.name}
      {owner ? <small>{owner}</small> : null}
    </Link>
  );
}

function ShareButton({ view, onClick }: { view: SavedView; onClick(): void }) {
  const mayShare = useMay("segment");
  if (view.shared) {
    // Only its owner has a place of their own to take it back to.
    return view.is_mine ? (
      <IconButton label={`Take view ${view.name} back from the team`} onClick={onClick}>
        <IconUserMinus size={15} stroke={1.6} />
      </IconButton>
    ) : null;
  }
  return mayShare ? (
    <IconButton label={`Share view ${view.name} with the team`} onClick={onClick}>
      <IconUsersPlus size={15} stroke={1.6} />
    </IconButton>
  ) : null;
}
