/** The five numbers of the pipeline, in the order of the way, and where each is read. */
import type { Flow, MinuteCounts, Stage, StageName } from "../api/flow";

export interface Step {
  key: "captured" | "accepted" | "unified" | "segmented" | "delivered";
  label: string;
  meaning: string;
  stage: StageName;
  count: keyof Pick<MinuteCounts, "received" | "passed">;
}

export const STEPS: readonly Step[] = [
  {
    key: "captured",
    label: "Captured",
    meaning: "Events that reached Onefold, good or bad.",
    stage: "capture",
    count: "received",
  },
  {
    key: "accepted",
    label: "Accepted",
    meaning: "Events that passed the checks and are on disk.",
    stage: "capture",
    count: "passed",
  },
  {
    key: "unified",
    label: "Unified",
    meaning: "Events that were folded into the profile of a person.",
    stage: "unify",
    count: "passed",
  },
  {
    key: "segmented",
    label: "In segments",
    meaning: "Events whose person was tested against every segment.",
    stage: "segment",
    count: "passed",
  },
  {
    key: "delivered",
    label: "Delivered",
    meaning: "Changes and events that a destination accepted.",
    stage: "activate",
    count: "passed",
  },
];

export function findStage(flow: Flow, name: StageName): Stage | undefined {
  return flow.stages.find((stage) => stage.stage === name);
}

/** One total a step; 0 for a stage that the server does not report. */
export function readTotals(flow: Flow): number[] {
  return STEPS.map((step) => findStage(flow, step.stage)?.[step.count] ?? 0);
}
