import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { SavedView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { takeOver } from "./takeOver";

export const PATH = "/api/v1/views";

/** The views of a page that somebody sees: a page has no more of them than one listing holds. */
export function useViews(page: SavedView["page"]) {
  const queries = useQueryClient();
  useEffect(() => {
    if (page !== "profiles") return;
    void takeOver().then((isNew) => {
      if (isNew) void queries.invalidateQueries({ queryKey: [PATH] });
    });
  }, [page, queries]);
  return useListing<SavedView>(PATH, { page }, { on: ["config"] });
}
