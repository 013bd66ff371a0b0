import { useSearchParams } from "wouter";

type Filters<Name extends string> = Record<Name, string>;

/**
 * The filters of a list: what the address says of them, "" where it is silent, and a way to set some. What else the
 * address says stays.
 */
export function useFilters<Name extends string>(
  names: readonly Name[],
): [Filters<Name>, (change: Partial<Filters<Name>>, options?: { replace?: boolean }) => void] {
  const [params, setParams] = useSearchParams();
  const filters = Object.fromEntries(
    names.map((name) => [name, params.get(name) ?? ""]),
  ) as Filters<Name>;
  return [filters, (change, options) => setParams(changed(params, change), options)];
}

/** What an address says once some of it is set; "" takes a thing out. */
export function changed(
  params: URLSearchParams,
  change: Record<string, string | undefined>,
): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(change)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next;
}
