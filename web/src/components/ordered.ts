/** The items with one of them in another place. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const rest = items.filter((_, place) => place !== from);
  return [...rest.slice(0, to), ...items.slice(from, from + 1), ...rest.slice(to)];
}

export function replaced<T>(items: readonly T[], place: number, item: T): T[] {
  return items.map((one, at) => (at === place ? item : one));
}

export function without<T>(items: readonly T[], place: number): T[] {
  return items.filter((_, at) => at !== place);
}
