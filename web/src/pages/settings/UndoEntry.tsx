import { Button } from "@mantine/core";
import { useState } from "react";
import type { AuditView, UndoView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { Confirm } from "../../components/Confirm";
import { Dialog } from "../../components/Dialog";
import { Words } from "../../components/Words";
import { Differences } from "./Differences";
import classes from "./settings.module.css";

/** Takes a change of the trail back, after saying what that changes, or why it cannot be. */
export function UndoEntry({ entry }: { entry: AuditView }) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`Undo entry ${entry.id}`}
        onClick={() => setAsking(true)}
      >
        Undo
      </Button>
      {isAsking ? <Asked entry={entry} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function Asked({ entry, onClose }: { entry: AuditView; onClose(): void }) {
  const path = `/api/v1/audit/${entry.id}/undo`;
  const found = useItem<UndoView>(path).data;
  const change = useChange(onClose);
  if (!found) return null;
  if (!found.is_possible) {
    return (
      <Dialog title="This cannot be undone" onClose={onClose}>
        {(close) => (
          <div className={classes.stack}>
            <p>
              <Words text={`${found.message} ${found.hint}`} />
            </p>
            <div className={classes.actions}>
              <Button size="sm" variant="default" onClick={close}>
                Close
              </Button>
            </div>
          </div>
        )}
      </Dialog>
    );
  }
  return (
    <Confirm
      title="Undo this change?"
      verb="Undo change"
      isPending={change.isPending}
      error={change.error}
      onClose={onClose}
      onConfirm={() => change.mutate({ method: "POST", path, said: "It is as it was." })}
    >
      <p>This changes:</p>
      <Differences before={found.now} after={found.then} />
      {found.note ? <p>{found.note}</p> : null}
    </Confirm>
  );
}
