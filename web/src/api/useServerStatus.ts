import { useQuery } from "@tanstack/react-query";
import { getJson } from "./client";
import type { StatusView } from "./schema";

/** Version and workspace of the server that this page talks to. */
export function useServerStatus(): StatusView | undefined {
  return useQuery({
    queryKey: ["status"],
    queryFn: ({ signal }) => getJson<StatusView>("/api/v1/status", signal),
    staleTime: 60_000,
  }).data;
}
