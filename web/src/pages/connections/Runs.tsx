import { Button, Progress } from "@mantine/core";
import { Link } from "wouter";
import type { ConnectionView, RunView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useListing } from "../../api/useListing";
import { useMay } from "../../api/useMe";
import { ListingTable } from "../../components/DataTable";
import { formatExact, formatShare } from "../../components/format";
import { Notice } from "../../components/Notice";
import { Problem } from "../../components/Problem";
import { COLUMNS } from "../runs/columns";
import classes from "./connection.module.css";
import { Mails } from "./Mails";

/** What the goals of a connection did each time they ran, who hears of it, and how far those are that go on. */
export function Runs({ connection }: { connection: ConnectionView }) {
  const runs = useListing<RunView>(
    "/api/v1/runs",
    { connection: connection.id },
    { on: ["runs", "config"] },
  );
  const change = useChange();
  const mayCancel = useMay("activate");
  const seesMails = useMay("administer");
  const found = runs.data ?? [];
  const columns = [...COLUMNS];
  if (found.some(goesOn)) {
    columns.splice(2, 0, { name: "Progress", show: (run) => <Done of={run} />, isExtra: true });
  }
  if (mayCancel && found.some(canEnd)) {
    columns.push({
      name: "",
      show: (run) =>
        canEnd(run) ? (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => change.mutate({ method: "POST", path: `/api/v1/runs/${run.id}/cancel` })}
          >
            Cancel run
          </Button>
        ) : null,
    });
  }
  return (
    <div className={classes.stack}>
      <div className={classes.lines}>
        <MailWish connection={connection} />
        {seesMails ? <Mails runs={found} /> : null}
      </div>
      <Problem of={change.error} />
      <ListingTable
        of={runs}
        columns={columns}
        keyOf={(run) => run.id}
        hrefOf={(run) => `/runs/${run.id}`}
        empty={
          <Notice title="No goal has run yet" level={2}>
            Each run of a goal is listed here: at its times, when you start one, and an hour at a
            time for goals that run continuously.
          </Notice>
        }
      />
    </div>
  );
}

function MailWish({ connection: { id, notices } }: { connection: ConnectionView }) {
  const addresses = notices.addresses ?? [];
  const when = notices.when === "every" ? "every run" : "runs that fail or have something rejected";
  return (
    <p className={classes.dim}>
      {addresses.length > 0
        ? `E-mail about ${when} goes to ${addresses.join(", ")}.`
        : "Nobody gets e-mail about its runs."}{" "}
      <Link href={`/connections/${id}?tab=setup`}>Change that</Link>
    </p>
  );
}

function Done({ of: run }: { of: RunView }) {
  if (!goesOn(run)) return null;
  const words = `${formatExact(run.done)} of ${formatExact(run.total)} ${run.unit}`;
  return (
    <Progress
      miw={96}
      value={(run.done / run.total) * 100}
      aria-label={`${words}, ${formatShare(run.done, run.total)}`}
    />
  );
}

function goesOn(run: RunView): boolean {
  return run.ended_at === null && run.total > 0;
}

function canEnd(run: RunView): boolean {
  return run.ended_at === null && !run.cancel_asked && run.trigger !== "continuous";
}
