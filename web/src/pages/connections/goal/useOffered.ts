import type { OfferedField } from "../../../api/schema";
import { useItem } from "../../../api/useItem";

interface Page {
  items: OfferedField[];
}

export interface Offered {
  fields: readonly OfferedField[];
  /** Whether the destination told which fields it has. */
  isKnown: boolean;
  error: string;
}

const NONE: readonly OfferedField[] = [];

/** Which fields the account has already, as far as it tells: asked live, once. */
export function useOffered(path: string): Offered {
  const found = useItem<Page>(`${path}/fields`);
  return {
    fields: found.data?.items ?? NONE,
    isKnown: found.data !== undefined,
    error: found.error ? `${found.error.message} ${found.error.hint}`.trim() : "",
  };
}
