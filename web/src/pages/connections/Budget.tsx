import { Autocomplete, Button, Progress, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { BudgetPeriod, Budget as BudgetView, ConnectionView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useMay } from "../../api/useMe";
import { allPlaced, problemsOf, readInteger } from "../../components/fields/fields";
import form from "../../components/form.module.css";
import { formatExact, formatShare } from "../../components/format";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { When } from "../../components/When";
import classes from "./connection.module.css";

const PATHS = ["budget.per_day", "budget.per_month", "budget.warn_at", "budget.timezone"];
const ZONES = Intl.supportedValuesOf("timeZone");

interface Props {
  connection: ConnectionView;
  /** The day and the month that run now; empty without a budget. */
  periods: readonly BudgetPeriod[];
}

/** What may be spent: how far it is, and how much it shall be. */
export function Budget({ connection, periods }: Props) {
  const [isEditing, setEditing] = useState(false);
  const mayChange = useMay("connect");
  const { budget } = connection;
  const isSet = periods.length > 0;
  return (
    <Section
      title="Budget"
      aside={
        mayChange && !isEditing ? (
          <Button size="compact-sm" variant="default" onClick={() => setEditing(true)}>
            {isSet ? "Change budget" : "Set a budget"}
          </Button>
        ) : null
      }
    >
      <div className={classes.lines}>
        {isSet ? null : (
          <p className={classes.dim}>None: whatever differs is sent, whatever it costs.</p>
        )}
        {periods.map((one) => (
          <Meter key={one.period} of={one} warnAt={budget.warn_at ?? 80} />
        ))}
        {isSet ? (
          <p className={classes.dim}>
            From {budget.warn_at ?? 80} % on you are warned. At the limit, what costs waits; the
            rest goes on. Days and months begin at midnight in {budget.timezone ?? "UTC"}.
          </p>
        ) : null}
        {isEditing ? <BudgetForm connection={connection} onDone={() => setEditing(false)} /> : null}
      </div>
    </Section>
  );
}

function Meter({ of: one, warnAt }: { of: BudgetPeriod; warnAt: number }) {
  const share = (one.spent / one.limit) * 100;
  const colour = share >= 100 ? "red" : share >= warnAt ? "yellow" : "indigo";
  return (
    <div>
      <p className={classes.meter}>
        {one.period === "day" ? "Today" : "This month"}: {formatExact(one.spent)} of{" "}
        {formatExact(one.limit)} data points spent, {formatShare(one.spent, one.limit)}. The next
        begins <When at={one.ends_at} />.
      </p>
      <Progress
        value={Math.min(100, share)}
        color={colour}
        aria-label={`Spent of this ${one.period}'s budget`}
      />
    </div>
  );
}

function BudgetForm({ connection, onDone }: { connection: ConnectionView; onDone(): void }) {
  const [typed, setTyped] = useState<Required<BudgetView>>({
    per_day: connection.budget.per_day ?? null,
    per_month: connection.budget.per_month ?? null,
    warn_at: connection.budget.warn_at ?? 80,
    timezone: connection.budget.timezone ?? "UTC",
  });
  const [version] = useState(connection.version);
  const change = useChange();
  const problems = problemsOf(change.error, PATHS);

  function save(event: FormEvent) {
    event.preventDefault();
    const body = { budget: typed, version };
    change.mutate(
      {
        method: "PATCH",
        path: `/api/v1/connections/${connection.id}`,
        body,
        said: "The budget is saved.",
      },
      { onSuccess: onDone },
    );
  }

  const number = (name: "per_day" | "per_month" | "warn_at", label: string, hint: string) => (
    <TextInput
      label={label}
      description={hint}
      inputMode="numeric"
      error={problems[`budget.${name}`]}
      value={typed[name] === null ? "" : String(typed[name])}
      onChange={(event) =>
        setTyped({ ...typed, [name]: readInteger(event.currentTarget.value) as number | null })
      }
    />
  );
  return (
    <form noValidate onSubmit={save} className={classes.lines}>
      <div className={classes.budget}>
        {number("per_day", "Data points a day", "Empty: no limit.")}
        {number("per_month", "Data points a month", "Empty: no limit.")}
        {number("warn_at", "Warn at, in percent", "From 1 to 100.")}
        <Autocomplete
          label="Time zone"
          description="Where days begin."
          data={ZONES}
          limit={50}
          error={problems["budget.timezone"]}
          value={typed.timezone}
          onChange={(timezone) => setTyped({ ...typed, timezone })}
        />
      </div>
      {change.error && !allPlaced(change.error, PATHS) ? <Problem of={change.error} /> : null}
      <div className={form.buttons}>
        <Button type="submit" size="sm" loading={change.isPending}>
          Save budget
        </Button>
        <Button variant="default" size="sm" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
