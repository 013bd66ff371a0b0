import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson } from "./client";
import type { MeView, Right } from "./schema";
import { noteSession } from "./session";

const KEY = ["me"];

/** Who is signed in here; undefined until known, and while nobody is. */
export function useMe(): MeView | undefined {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => getJson<MeView>("/api/v1/me", signal),
    staleTime: 60_000,
    // Who gives or takes rights changes what the pages offer, also to whom has them open.
    meta: { follows: { on: ["config"], pace: "calm" } },
  }).data;
}

/** Whether who is signed in may do this; the server has the last word. */
export function useMay(right: Right): boolean {
  return useMe()?.rights.includes(right) ?? false;
}

/**
 * To be called when somebody signed in. Who was here before goes on where they were, with what they had typed; of what
 * another was shown nothing stays. Tells whether they were.
 */
export function useSignedIn(): () => Promise<boolean> {
  const queries = useQueryClient();
  return async () => {
    const before = queries.getQueryData<MeView>(KEY);
    const now = await getJson<MeView>("/api/v1/me");
    const isSame = before?.email !== undefined && before.email === now.email;
    if (isSame) await queries.invalidateQueries();
    else await queries.resetQueries();
    noteSession(false);
    return isSame;
  };
}
