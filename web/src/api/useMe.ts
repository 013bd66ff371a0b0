import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson } from "./client";

export interface Me {
  kind: string;
  name: string;
  rights: string[];
  email: string | null;
  role: string | null;
  has_team: boolean;
}

const KEY = ["me"];

/** Who is signed in here; undefined until known, and while nobody is. */
export function useMe(): Me | undefined {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => getJson<Me>("/api/v1/me", signal),
    staleTime: 60_000,
  }).data;
}

/** To be called when somebody signed in or out. */
export function useForgetMe(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries();
}
