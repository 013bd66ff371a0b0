import type { EventCondition } from "../../api/schema";
import { InlineSelect, InlineText } from "./Inline";

type Window = EventCondition["window"];

const CHOICES: Record<Window["kind"], string> = {
  ever: "ever",
  last: "in the last",
  dates: "between the days",
};
const UNITS = { days: "days", hours: "hours" };
const AMOUNT_MAX = { days: 3650, hours: 48 };
const BLANK: Record<Window["kind"], Window> = {
  ever: { kind: "ever" },
  last: { kind: "last", amount: 30, unit: "days" },
  dates: { kind: "dates", start: "", end: "" },
};

/** Within which time: "in the last 30 days". */
export function WindowInput({
  window,
  onChange,
}: {
  window: Window;
  onChange(window: Window): void;
}) {
  return (
    <>
      <InlineSelect
        label="Within"
        value={window.kind}
        options={CHOICES}
        onChange={(kind) => onChange(BLANK[kind])}
      />
      {window.kind === "last" ? (
        <>
          <InlineText
            label="How long"
            type="number"
            value={window.amount > 0 ? String(window.amount) : ""}
            placeholder="30"
            isWrong={window.amount < 1 || window.amount > AMOUNT_MAX[window.unit]}
            onChange={(typed) => onChange({ ...window, amount: Math.trunc(Number(typed)) || 0 })}
          />
          <InlineSelect
            label="Unit"
            value={window.unit}
            options={UNITS}
            onChange={(unit) => onChange({ ...window, unit })}
          />
        </>
      ) : null}
      {window.kind === "dates" ? (
        <>
          <InlineText
            label="From"
            type="date"
            value={window.start}
            placeholder="2026-01-01"
            isWrong={window.start === ""}
            onChange={(start) => onChange({ ...window, start })}
          />
          and
          <InlineText
            label="To"
            type="date"
            value={window.end}
            placeholder="2026-01-31"
            isWrong={window.end === ""}
            onChange={(end) => onChange({ ...window, end })}
          />
        </>
      ) : null}
    </>
  );
}
