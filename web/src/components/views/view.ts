import type { SavedView } from "../../api/schema";

export type Filters = Readonly<Record<string, string>>;

/** By this name an address says which view it began as. */
export const OPENED = "view";

/** What the address of a page says for these filters; the same for the same ones, in whatever order. */
export function queryOf(filters: Filters): string {
  const given = Object.entries(filters).filter(([, value]) => value.trim() !== "");
  return String(new URLSearchParams(given.sort(([one], [other]) => (one < other ? -1 : 1))));
}

export function queryOfView(view: SavedView): string {
  return queryOf({ ...view.filters, ...view.personal_filters });
}

/** Where a view opens. */
export function hrefOf(view: SavedView): string {
  return `/${view.page}?${queryOfView(view)}&${OPENED}=${view.id}`;
}

/** Whether somebody can open it: not where its values of people are hidden from them. */
export function canOpen(view: SavedView, maySeePeople: boolean): boolean {
  return maySeePeople || Object.keys(view.personal_filters).length === 0;
}

/** By name, as people sort them. */
export function sorted(views: readonly SavedView[]): SavedView[] {
  return views.toSorted((one, other) =>
    one.name.localeCompare(other.name, undefined, { numeric: true }),
  );
}

/** The view that the address began as; else one that filters alike, one's own first. */
export function currentOf(
  views: readonly SavedView[],
  openedId: string,
  filters: Filters,
): SavedView | undefined {
  const query = queryOf(filters);
  const alike = views.filter((view) => query !== "" && queryOfView(view) === query);
  return (
    views.find((view) => String(view.id) === openedId) ??
    alike.find((view) => view.is_mine) ??
    alike[0]
  );
}
