import { NativeSelect } from "@mantine/core";
import { Link } from "wouter";
import { formatExact } from "../../../components/format";
import { Suggested } from "../../../components/Suggested";
import type { Editing } from "./editing";
import classes from "./goal.module.css";
import { problemAt } from "./problems";

/** Whom the goal is for: a segment, and a purpose that they must have consented to. */
export function Who({ editing }: { editing: Editing }) {
  const { draft, change, names, problems } = editing;
  const segment = names.segments.find((one) => one.id === draft.segment_id);
  return (
    <div className={classes.settings}>
      <NativeSelect
        label="People"
        description={
          segment ? (
            <>
              {formatExact(segment.people)} people now.{" "}
              <Link href={`/segments/${segment.id}`}>Look at the segment</Link>
            </>
          ) : (
            "Everyone whom the destination can know."
          )
        }
        data={[
          { value: "0", label: "Everyone" },
          ...names.segments.map((one) => ({ value: String(one.id), label: one.name })),
        ]}
        value={String(draft.segment_id)}
        error={problemAt(problems, "segment_id")}
        onChange={(event) => change({ ...draft, segment_id: Number(event.currentTarget.value) })}
      />
      <Suggested
        label="With consent to"
        description="Only people who consented to this purpose. Empty: no consent is asked for."
        placeholder="No purpose"
        suggestions={names.purposes}
        value={draft.purpose}
        error={problemAt(problems, "purpose")}
        onChange={(purpose) => change({ ...draft, purpose })}
      />
    </div>
  );
}
