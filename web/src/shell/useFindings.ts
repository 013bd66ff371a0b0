import { useQuery } from "@tanstack/react-query";
import { getJson } from "../api/client";
import type {
  ConnectionView,
  ProfileView,
  SavedView,
  SegmentView,
  SourceView,
} from "../api/schema";
import { useListing, usePages } from "../api/useListing";
import { useMe } from "../api/useMe";
import { canOpen, hrefOf } from "../components/views/view";
import { nameOf } from "../pages/profiles/nameOf";
import { ACTIONS } from "./actions";
import { type Finding, matching } from "./findings";
import { PAGES } from "./pages";

/** All that one may have, of every page. */
const VIEWS_MAX = 600;
const PEOPLE_MAX = 8;
/** Fewer letters begin the identifiers of too many. */
const PEOPLE_FROM_CHARS = 2;

/** What a text leads to: pages and named things at once, people once `searched` has settled. */
export function useFindings(text: string, searched: string): Finding[] {
  const me = useMe();
  const rights = me?.rights ?? [];
  const segments = useListing<SegmentView>("/api/v1/segments");
  const connections = useListing<ConnectionView>("/api/v1/connections");
  const sources = useListing<SourceView>("/api/v1/sources");
  const views = usePages<SavedView, { items: SavedView[]; next_cursor: string | null }>(
    "/api/v1/views",
    {},
    undefined,
    VIEWS_MAX,
  );
  const people = usePeople(rights.includes("personal") ? searched : "");
  const pages: Finding[] = PAGES.filter((page) => !page.right || rights.includes(page.right)).map(
    (page) => ({ name: page.name, kind: "Page", href: page.path }),
  );
  const actions: Finding[] = ACTIONS.filter((one) => !one.right || rights.includes(one.right)).map(
    ({ name, href }) => ({ name, kind: "Action", href }),
  );
  const named: Finding[] = [
    ...(segments.data ?? []).map((one) => found(one, "Segment", "/segments")),
    ...(connections.data ?? []).map((one) => found(one, "Connection", "/connections")),
    ...(sources.data ?? []).map((one) => found(one, "Source", "/sources")),
    ...(views.data ?? [])
      .filter((one) => canOpen(one, rights.includes("personal")))
      .map((one) => ({ name: one.name, kind: viewKind(one), href: hrefOf(one) })),
  ];
  return [...matching([...pages, ...actions, ...named], text), ...people];
}

function found(one: { id: number; name: string }, kind: string, path: string): Finding {
  return { name: one.name, kind, href: `${path}/${one.id}` };
}

function viewKind(view: SavedView): string {
  const page = PAGES.find((one) => one.path === `/${view.page}`);
  return `View of ${page?.name ?? view.page}`;
}

function usePeople(search: string): Finding[] {
  const path = `/api/v1/profiles?limit=${PEOPLE_MAX}&search=${encodeURIComponent(search)}`;
  const answer = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => getJson<{ items: ProfileView[] }>(path, signal),
    enabled: search.length >= PEOPLE_FROM_CHARS,
  });
  return (answer.data?.items ?? []).map((one) => ({
    name: nameOf(one),
    kind: one.matched ?? "Person",
    href: `/profiles/${one.id}`,
  }));
}
