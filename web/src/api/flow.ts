/** The shapes of GET /api/v1/flow, its stream, and its history. */

export type StageName = "capture" | "unify" | "segment" | "activate";

export interface Reason {
  outcome: "rejected" | "filtered" | "deferred";
  code: string;
  count: number;
}

export interface Stage {
  stage: StageName;
  received: number;
  passed: number;
  filtered: number;
  rejected: number;
  /** What waits now; the other four are totals since the workspace began. */
  deferred: number;
  reasons: Reason[];
}

export interface Role {
  role: string;
  status: "running" | "starting" | "down";
  since: string;
}

export interface Segment {
  id: number | string;
  name: string;
  state: "live" | "filling";
  people: number;
}

export interface Connection {
  id: number | string;
  name: string;
  connector: string;
  enabled: boolean;
  status: "ok" | "limited" | "paused" | "failing" | "failed";
  message: string | null;
  delivered: number;
  data_points: number;
}

export interface Attention {
  level: "error" | "warning";
  message: string;
  hint: string;
}

export interface Latency {
  p50: number;
  p99: number;
  count: number;
}

export interface Flow {
  at: string;
  status: "ok" | "degraded" | "down";
  roles: Role[];
  stages: Stage[];
  latency_ms: Latency | null;
  people: { total: number; known: number };
  segments: Segment[];
  connections: Connection[];
  attention: Attention[];
}

export interface MinuteCounts {
  received: number;
  passed: number;
  filtered: number;
  rejected: number;
}

export interface HistoryMinute {
  minute: string;
  stages: Partial<Record<StageName, MinuteCounts>>;
}

export interface FlowHistory {
  minutes: HistoryMinute[];
}
