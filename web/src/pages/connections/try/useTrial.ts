import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { sendJson } from "../../../api/client";
import type { GoalTrial, GoalTrialView } from "../../../api/schema";
import { asApiError, type Loaded } from "../../../api/useItem";

/** Longer than the longest wait that a goal may set. */
const SENT_MS_MAX = 80_000;

/** The request that a goal would make; made anew as values change. Nothing is sent. */
export function useTrial(path: string, trial: GoalTrial): Loaded<GoalTrialView> {
  const found = useQuery({
    queryKey: [path, "try", trial],
    queryFn: () => sendJson<GoalTrialView>("POST", `${path}/goals/try`, trial),
    placeholderData: keepPreviousData,
  });
  return {
    data: found.data,
    error: asApiError(found.error),
    isPending: found.isPending,
    retry: () => void found.refetch(),
  };
}

/** Sends it, once. */
export function useSendTest(path: string) {
  return useMutation({
    mutationFn: (trial: GoalTrial) =>
      sendJson<GoalTrialView>("POST", `${path}/goals/send_test`, trial, {
        answerMsMax: SENT_MS_MAX,
      }),
  });
}
