import { Button, Progress } from "@mantine/core";
import { Link, useParams } from "wouter";
import type { RunSamples, RunView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { AsCode } from "../../components/AsCode";
import { type Column, DataTable } from "../../components/DataTable";
import { Facts } from "../../components/Facts";
import { formatExact } from "../../components/format";
import { PageFrame } from "../../components/PageFrame";
import { Payload } from "../../components/Payload";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { When } from "../../components/When";
import { RunStatus, titleOf } from "./columns";
import classes from "./run.module.css";

type Reason = NonNullable<RunView["reasons"]>[number];
const REASONS: Column<Reason>[] = [
  { name: "Code", show: (one) => <code>{one.code}</code> },
  { name: "Outcome", show: (one) => one.outcome },
  { name: "How many", show: (one) => formatExact(one.count), isNumber: true },
];

/** What did this run do, and what failed? */
export default function Run() {
  const { id = "" } = useParams();
  const path = `/api/v1/runs/${encodeURIComponent(id)}`;
  const run = useItem<RunView>(path, { on: ["runs", "config"], pace: "quick" });
  return <Shown of={run}>{(one) => <Details run={one} path={path} />}</Shown>;
}

function Details({ run, path }: { run: RunView; path: string }) {
  const change = useChange();
  const isOpen = run.ended_at === null;
  const reasons = (run.reasons ?? []).filter((one) => one.code);
  return (
    <PageFrame
      title={titleOf(run)}
      up={{ href: "/runs", name: "Runs" }}
      meaning={run.message}
      action={
        <>
          <AsCode
            name="this run"
            commands={[["Show what this page shows", `onefold runs show ${run.id}`]]}
          />
          {isOpen && !run.cancel_asked && run.trigger !== "continuous" ? (
            <Button
              variant="default"
              size="sm"
              loading={change.isPending}
              onClick={() => change.mutate({ method: "POST", path: `${path}/cancel` })}
            >
              Cancel run
            </Button>
          ) : null}
        </>
      }
    >
      <Problem of={change.error} />
      {isOpen && run.total > 0 ? (
        <Progress
          value={(run.done / run.total) * 100}
          aria-label={`${formatExact(run.done)} of ${formatExact(run.total)} ${run.unit}`}
        />
      ) : null}
      <Facts
        facts={{
          Status: <RunStatus run={run} />,
          Connection: run.connection_id ? (
            <Link href={`/connections/${run.connection_id}`}>{run.connection}</Link>
          ) : null,
          Begun: <When at={run.started_at ?? run.created_at} />,
          Ended: run.ended_at ? <When at={run.ended_at} /> : null,
          By: run.by || run.trigger || null,
          Done:
            run.total > 0
              ? `${formatExact(run.done)} of ${formatExact(run.total)} ${run.unit}`
              : null,
          Planned: run.planned ? formatExact(run.planned) : null,
          Passed: formatExact(run.passed),
          Filtered: formatExact(run.filtered),
          Rejected:
            run.rejected > 0 && run.kind === "goal" ? (
              <Link href={`/dead-letters?run=${run.id}`}>{formatExact(run.rejected)}</Link>
            ) : (
              formatExact(run.rejected)
            ),
          Waiting: formatExact(run.deferred),
        }}
      />
      {reasons.length > 0 ? (
        <Section title="Reasons">
          <DataTable
            columns={REASONS}
            rows={reasons}
            keyOf={(one) => `${one.outcome} ${one.code}`}
          />
        </Section>
      ) : null}
      {run.kind === "goal" ? <Samples path={path} /> : null}
    </PageFrame>
  );
}

function Samples({ path }: { path: string }) {
  const samples = useItem<RunSamples>(`${path}/samples`, { on: ["runs"], pace: "calm" });
  const items = samples.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title="Samples: ours, the request, the answer">
      {items.map((one, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two samples may be alike in everything
        <details key={place} className={classes.sample}>
          <summary>
            {one.outcome}
            {one.code ? ` · ${one.code}` : ""}
            {one.profile_id ? (
              <>
                {" · "}
                <Link href={`/profiles/${one.profile_id}`}>Person {one.profile_id}</Link>
              </>
            ) : null}
          </summary>
          <div className={classes.payloads}>
            <Payload title="Ours" value={one.ours} />
            <Payload title="The request" value={one.request} />
            <Payload title="The answer" value={one.answer} />
          </div>
        </details>
      ))}
    </Section>
  );
}
