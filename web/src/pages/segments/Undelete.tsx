import { Button } from "@mantine/core";
import { useState } from "react";
import { useLocation } from "wouter";
import type { SegmentView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { Problem } from "../../components/Problem";
import classes from "./builder.module.css";
import { forgetDeleted, readDeleted } from "./deleted";

/** Makes the segment that was deleted last again, with the same rule: it fills anew. */
export function Undelete() {
  const [deleted, setDeleted] = useState(readDeleted);
  const [, go] = useLocation();
  const change = useChange<SegmentView>();
  if (!deleted) return null;

  function forget() {
    forgetDeleted();
    setDeleted(null);
  }

  return (
    <div className={classes.bar} role="status">
      <span>{deleted.name} is deleted.</span>
      <Button
        size="xs"
        loading={change.isPending}
        onClick={() =>
          change.mutate(
            { method: "POST", path: "/api/v1/segments", body: deleted },
            {
              onSuccess: (made) => {
                forget();
                go(`/segments/${made.id}`);
              },
            },
          )
        }
      >
        Undo
      </Button>
      <Button size="xs" variant="default" onClick={forget}>
        Hide this
      </Button>
      <Problem of={change.error} />
    </div>
  );
}
