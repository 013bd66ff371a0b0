import { Button } from "@mantine/core";
import { useState } from "react";
import { useLocation } from "wouter";
import type { SegmentUseView, SegmentView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { formatExact } from "../../components/format";
import { Problem } from "../../components/Problem";
import classes from "./builder.module.css";

/** Says whom it reaches before it deletes; what was deleted can be made again. */
export function DeleteSegment({ segment }: { segment: SegmentView }) {
  const path = `/api/v1/segments/${segment.id}`;
  const use = useItem<SegmentUseView>(`${path}/used-by`, { on: ["config"] }).data;
  const [isAsked, setAsked] = useState(false);
  const [, go] = useLocation();
  const change = useChange(() => go("/segments"));
  const users = (use?.goals ?? []).map((one) => `${one.connection}, ${one.name}`);
  users.push(...(use?.segments ?? []).map((one) => one.name));

  function remove() {
    const said = `${segment.name} is deleted.`;
    change.mutate({ method: "DELETE", path, ifMatch: segment.revision, said });
  }

  if (!isAsked) {
    return (
      <Button size="sm" variant="default" onClick={() => setAsked(true)}>
        Delete segment
      </Button>
    );
  }
  return (
    <div className={classes.bar}>
      <span>
        {users.length > 0
          ? `Not possible: ${users.join("; ")} would miss it. Change those first.`
          : `${formatExact(segment.people)} people leave it. No goal and no other segment uses it.`}
      </span>
      {users.length === 0 ? (
        <Button size="xs" color="red" loading={change.isPending} onClick={remove}>
          Delete {segment.name}
        </Button>
      ) : null}
      <Button size="xs" variant="default" onClick={() => setAsked(false)}>
        Keep it
      </Button>
      <Problem of={change.error} />
    </div>
  );
}
