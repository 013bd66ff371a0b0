import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getJson } from "./client";
import type { FlowHistory, HistoryMinute } from "./flow";

/** The last hour minute by minute, oldest first; asked for again after each minute in which anything happened. */
export function useFlowHistory(enabled: boolean): HistoryMinute[] {
  const { data } = useQuery({
    queryKey: ["flow", "history"],
    queryFn: ({ signal }) => getJson<FlowHistory>("/api/v1/flow/history?minutes=60", signal),
    enabled,
    placeholderData: keepPreviousData,
    meta: { follows: { on: ["history"] } },
  });
  return data?.minutes ?? NONE;
}

/** One array for all renders, so that what is computed from it is not computed again. */
const NONE: HistoryMinute[] = [];
