import { useDocumentVisibility } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useSessionOver } from "../api/session";
import { store } from "./flowStore";
import { followMarks } from "./followMarks";

/**
 * Keeps the one stream of this tab open while somebody is signed in and looks at it: a browser has six lines to a
 * server, and tabs that nobody looks at would take them all. What is on the page is asked for again as it moves.
 */
export function useStream(): void {
  const queries = useQueryClient();
  const isOver = useSessionOver();
  const isSeen = useDocumentVisibility() === "visible";
  useEffect(() => followMarks(queries, store), [queries]);
  useEffect(() => (isOver || !isSeen ? undefined : store.open()), [isOver, isSeen]);
}
