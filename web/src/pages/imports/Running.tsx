import { Button, Progress } from "@mantine/core";
import { Link } from "wouter";
import type { ImportView, RunView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { Facts } from "../../components/Facts";
import { formatExact } from "../../components/format";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { RunStatus } from "../runs/columns";

/** An import while it runs, and what came of it. */
export function Running({ id }: { id: string }) {
  const path = `/api/v1/runs/${encodeURIComponent(id)}`;
  const run = useItem<RunView>(path, { on: ["runs", "config"], pace: "quick" });
  const change = useChange();
  return (
    <Shown of={run}>
      {(one) => {
        const isOpen = one.ended_at === null;
        return (
          <Section
            title={isOpen ? "Importing" : "Imported"}
            aside={
              isOpen && !one.cancel_asked ? (
                <Button
                  variant="default"
                  size="sm"
                  loading={change.isPending}
                  onClick={() => change.mutate({ method: "POST", path: `${path}/cancel` })}
                >
                  Cancel import
                </Button>
              ) : null
            }
          >
            {isOpen ? (
              <Progress
                value={one.total > 0 ? (one.done / one.total) * 100 : 0}
                aria-label={`${formatExact(one.done)} of ${formatExact(one.total)} ${one.unit}`}
              />
            ) : null}
            <Problem of={change.error} />
            <Result run={one} />
          </Section>
        );
      }}
    </Shown>
  );
}

function Result({ run }: { run: RunView }) {
  const imports = useItem<{ items: ImportView[] }>("/api/v1/imports?limit=20", {
    on: ["runs", "config"],
  });
  const source = imports.data?.items.find((one) => one.id === run.id)?.source ?? "";
  const of = `source=${encodeURIComponent(source)}`;
  return (
    <Facts
      facts={{
        Status: <RunStatus run={run} />,
        Outcome: run.message || null,
        "Taken in": (
          <>
            {formatExact(run.passed)} {run.passed === 1 ? "event" : "events"}
            {source && run.passed > 0 ? (
              <>
                {" · "}
                <Link href={`/events?${of}`}>Show them</Link>
              </>
            ) : null}
          </>
        ),
        Refused:
          run.rejected > 0 ? (
            <Link href={`/dead-letters?${of}`}>
              {formatExact(run.rejected)} {run.rejected === 1 ? "dead letter" : "dead letters"}
            </Link>
          ) : (
            "0"
          ),
        Run: <Link href={`/runs/${run.id}`}>Show the run</Link>,
      }}
    />
  );
}
