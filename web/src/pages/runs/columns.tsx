import type { RunView } from "../../api/schema";
import type { Column } from "../../components/DataTable";
import { formatExact, formatShare } from "../../components/format";
import { Status, type Tone } from "../../components/Status";
import { When } from "../../components/When";

const KINDS: Record<RunView["kind"], string> = {
  import: "Import of a file",
  segment_fill: "Fill",
  replay: "Replay of the log",
  backup: "Backup",
  retention: "Shortening of the log",
  goal: "Goal",
  comparison: "Comparison with a destination",
  intake: "Import goal",
  intake_preview: "Preview of an import goal",
  erasure: "Erasure",
  feedback: "Engagement brought in",
};

const STATES: Record<RunView["state"], [Tone, string]> = {
  queued: ["idle", "Queued"],
  running: ["idle", "Running"],
  succeeded: ["ok", "Succeeded"],
  failed: ["bad", "Failed"],
  cancelled: ["warn", "Cancelled"],
  skipped: ["idle", "Left out"],
};

export function titleOf(run: RunView): string {
  if (!run.goal) {
    const about = run.segment || run.subject;
    return about ? `${KINDS[run.kind]}: ${about}` : KINDS[run.kind];
  }
  const goal = `${run.connection}: ${run.goal}`;
  return run.kind === "comparison" ? `${goal}, compared` : goal;
}

/** How a run is, where no more is known of it. */
export function StateOf({ state }: { state: RunView["state"] }) {
  const [tone, word] = STATES[state];
  return <Status tone={tone} word={word} isPulsing={state === "running"} />;
}

export function RunStatus({ run }: { run: RunView }) {
  const [tone, word] = STATES[run.state];
  const share =
    run.state === "running" && run.total > 0 ? `, ${formatShare(run.done, run.total)}` : "";
  return <Status tone={tone} word={word + share} isPulsing={run.state === "running"} />;
}

export const COLUMNS: Column<RunView>[] = [
  { name: "Run", show: titleOf },
  { name: "Status", show: (run) => <RunStatus run={run} /> },
  { name: "Begun", show: (run) => <When at={run.started_at ?? run.created_at} /> },
  { name: "By", show: (run) => run.by || run.trigger || "–", isExtra: true },
  { name: "Passed", show: (run) => formatExact(run.passed), isNumber: true, isExtra: true },
  { name: "Filtered", show: (run) => formatExact(run.filtered), isNumber: true, isExtra: true },
  { name: "Rejected", show: (run) => formatExact(run.rejected), isNumber: true },
  { name: "Waiting", show: (run) => formatExact(run.deferred), isNumber: true, isExtra: true },
];
