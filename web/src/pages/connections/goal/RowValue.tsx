import type { GoalRowView } from "../../../api/schema";
import { inLine } from "../../../components/value";
import { Words } from "../../../components/Words";
import classes from "./goal.module.css";

const STATES: Record<GoalRowView["state"], string> = {
  new: "new",
  changed: "changed",
  same: "same as sent",
  removed: "will be removed",
  empty: "has none",
  refused: "refused",
  other_goal: "another goal writes it",
  address: "is how the person is found",
};

/** One person's value here, and what it becomes there. */
export function RowValue({ value }: { value: GoalRowView | undefined }) {
  if (!value) return <span className={classes.values}> </span>;
  const here = shown(value.value);
  const there = shown(value.sent);
  const isBad = value.state === "refused";
  return (
    <span className={classes.values}>
      <code>{here}</code>
      {isBad || here === there ? null : (
        <>
          {" → "}
          <code>{there}</code>
        </>
      )}{" "}
      <span className={classes.change} data-state={value.state}>
        {STATES[value.state]}
      </span>
      {isBad ? (
        <>
          {" "}
          <Words text={`${value.reason} ${value.hint}`.trim()} />
        </>
      ) : null}
    </span>
  );
}

function shown(value: unknown): string {
  return value === null || value === undefined ? "nothing" : inLine(value);
}
