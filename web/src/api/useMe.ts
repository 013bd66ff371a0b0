import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson } from "./client";
import type { MeView, Right } from "./schema";

const KEY = ["me"];

/** Who is signed in here; undefined until known, and while nobody is. */
export function useMe(): MeView | undefined {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => getJson<MeView>("/api/v1/me", signal),
    staleTime: 60_000,
  }).data;
}

/** Whether who is signed in may do this; the server has the last word. */
export function useMay(right: Right): boolean {
  return useMe()?.rights.includes(right) ?? false;
}

/** To be called when somebody signed in: nothing that another was shown stays. */
export function useForgetAll(): () => void {
  const queries = useQueryClient();
  return () => void queries.resetQueries();
}
