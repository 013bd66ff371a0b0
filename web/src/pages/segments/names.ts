import { createContext, useContext } from "react";
import type { CatalogueView, NameSeen } from "../../api/schema";
import { numberOf } from "./tests";
import type { ValueKind } from "./types";

export interface Names extends CatalogueView {
  /** The other segments, by id. */
  segments: Record<string, string>;
}

export const NO_NAMES: Names = {
  events: [],
  traits: [],
  identifiers: [],
  purposes: [],
  segments: {},
};

/** What occurs here: suggestions for whoever writes a condition. */
export const NamesContext = createContext<Names>(NO_NAMES);

export function useNames(): Names {
  return useContext(NamesContext);
}

/** The type that values of a name have; null where it is not known, or may be several. */
export function kindSeen(seen: NameSeen | undefined): ValueKind | null {
  const kinds = (seen?.kinds ?? []).filter(
    (one): one is ValueKind => one === "text" || one === "number" || one === "flag",
  );
  return kinds.length === 1 ? (kinds[0] ?? null) : null;
}

/** Values of a name to choose from; hidden ones are left out. */
export function examplesOf(seen: NameSeen | undefined): string[] {
  return (seen?.examples ?? [])
    .filter((one) => one !== null && one !== "•••" && typeof one !== "boolean")
    .map(String);
}

/** The type that a newly typed value has where nothing else is said. */
export function kindTyped(typed: string, seen: NameSeen | undefined): ValueKind {
  return kindSeen(seen) ?? (seen === undefined && numberOf(typed) !== null ? "number" : "text");
}
