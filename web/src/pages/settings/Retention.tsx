import { Button, NumberInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import type { RetentionView, RunView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { useMay } from "../../api/useMe";
import { Confirm } from "../../components/Confirm";
import { Facts } from "../../components/Facts";
import form from "../../components/form.module.css";
import { formatBytes, formatExact } from "../../components/format";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { When } from "../../components/When";
import classes from "./settings.module.css";

const PATH = "/api/v1/retention";
const DAYS_MAX = 36_500;

/** How far back the log goes, and what stands for what is older. */
export function Retention() {
  const found = useItem<RetentionView>(PATH, { on: ["events", "runs"], pace: "slow" });
  const mayOperate = useMay("operate");
  return (
    <Shown of={found}>
      {(log) => (
        <div className={classes.stack}>
          <Facts facts={factsOf(log)} />
          {mayOperate ? <Shorten kept={log.retention_days} /> : null}
        </div>
      )}
    </Shown>
  );
}

function factsOf(log: RetentionView) {
  return {
    Kept: log.retention_days ? `${formatExact(log.retention_days)} days of events` : "Every event",
    "At most": log.bytes_max ? formatBytes(log.bytes_max) : "No limit",
    "Oldest event": log.first_at ? <When at={log.first_at} /> : "None yet",
    Records: log.first_at
      ? `${formatExact(log.first_offset)} to ${formatExact(log.end_offset)}`
      : null,
    "Base snapshot": log.base ? (
      <>
        <When at={log.base.made_at} />, {formatBytes(log.base.size)}: what the records up to{" "}
        {formatExact(log.base.offset)} said
      </>
    ) : (
      "None needed: the log holds everything"
    ),
  };
}

function Shorten({ kept }: { kept: number }) {
  const [days, setDays] = useState<number | "">(kept || "");
  const [isAsked, setAsked] = useState(false);
  const change = useChange<RunView>();

  function ask(event: FormEvent) {
    event.preventDefault();
    setAsked(true);
  }

  return (
    <Section title="Shorten the log now">
      <form className={form.form} onSubmit={ask}>
        <NumberInput
          label="Days of events to keep, this once"
          min={0}
          max={DAYS_MAX}
          allowDecimal={false}
          value={days}
          onChange={(value) => setDays(value === "" ? "" : Number(value))}
        />
        <Button type="submit" size="sm" variant="default" disabled={days === ""}>
          Shorten the log
        </Button>
      </form>
      {change.data ? (
        <p role="status">
          It has begun: <Link href={`/runs/${change.data.id}`}>see how far it is</Link>.
        </p>
      ) : null}
      {isAsked ? (
        <Confirm
          title="Shorten the log?"
          verb="Shorten the log"
          isPending={change.isPending}
          error={change.error}
          onConfirm={() =>
            change.mutate(
              { method: "POST", path: PATH, body: { days } },
              { onSuccess: () => setAsked(false) },
            )
          }
          onClose={() => setAsked(false)}
        >
          <p>
            {days === 0
              ? "Every event that profiles know and goals have read goes for good."
              : `Events received more than ${formatExact(Number(days))} days ago go for good.`}{" "}
            Profiles and segments stay as they are: a base snapshot is made first. New segments
            cannot count what is gone.
          </p>
        </Confirm>
      ) : null}
    </Section>
  );
}
