import type { EventCondition } from "../../api/schema";
import { InlineSelect, InlineText } from "./Inline";

type Window = EventCondition["window"];
type Choice = "ever" | "days" | "hours" | "dates";

const CHOICES: Record<Choice, string> = {
  ever: "ever",
  days: "in the last days",
  hours: "in the last hours",
  dates: "between two days",
};
const HOURS_MAX = 48;
const DAYS_MAX = 3650;

/** Within which time: "in the last 30 days". */
export function WindowInput({
  window,
  onChange,
}: {
  window: Window;
  onChange(window: Window): void;
}) {
  const choice: Choice = window.kind === "last" ? window.unit : window.kind;

  function choose(chosen: Choice) {
    const amount = window.kind === "last" ? window.amount : 30;
    if (chosen === "ever") onChange({ kind: "ever" });
    else if (chosen === "dates") onChange({ kind: "dates", start: "", end: "" });
    else if (chosen === "hours")
      onChange({ kind: "last", amount: Math.min(amount, HOURS_MAX), unit: "hours" });
    else onChange({ kind: "last", amount, unit: "days" });
  }

  return (
    <>
      <InlineSelect label="Within" value={choice} options={CHOICES} onChange={choose} />
      {window.kind === "last" ? (
        <InlineText
          label={window.unit === "days" ? "Days" : "Hours"}
          type="number"
          value={window.amount > 0 ? String(window.amount) : ""}
          placeholder="30"
          isWrong={
            window.amount < 1 || window.amount > (window.unit === "days" ? DAYS_MAX : HOURS_MAX)
          }
          onChange={(typed) => onChange({ ...window, amount: Math.trunc(Number(typed)) || 0 })}
        />
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
