import { useQuery } from "@tanstack/react-query";
import { getJson } from "./client";

export interface ServerStatus {
  version: string;
  workspace?: string | null;
}

/** Version and workspace of the server that this page talks to. */
export function useServerStatus(): ServerStatus | undefined {
  return useQuery({
    queryKey: ["status"],
    queryFn: ({ signal }) => getJson<ServerStatus>("/api/v1/status", signal),
    staleTime: 60_000,
  }).data;
}
