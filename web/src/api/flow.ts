/** The shapes of GET /api/v1/flow, its stream, and its history, with the words that the document leaves open. */
import type {
  ConnectionFlow,
  Flow as FlowDocument,
  Reason as ReasonDocument,
  RoleFlow,
  SegmentFlow,
  StageFlow,
  StageMinute,
} from "./schema";

export type { Attention, LatencyFlow as Latency } from "./schema";

export type StageName = "capture" | "unify" | "segment" | "activate";
export type MinuteCounts = StageMinute;
export type Reason = ReasonDocument & { outcome: "rejected" | "filtered" | "deferred" };
/** What is deferred waits now; the other counts are totals since the workspace began. */
export type Stage = Omit<StageFlow, "reasons"> & { stage: StageName; reasons: Reason[] };
export type Role = RoleFlow & { status: "running" | "starting" | "down" };
export type Segment = SegmentFlow & { state: "live" | "filling" };
export type Connection = ConnectionFlow;
export type Flow = Omit<FlowDocument, "roles" | "stages" | "segments"> & {
  roles: Role[];
  stages: Stage[];
  segments: Segment[];
};

export interface HistoryMinute {
  minute: string;
  stages: Partial<Record<StageName, MinuteCounts>>;
}

export interface FlowHistory {
  minutes: HistoryMinute[];
}
