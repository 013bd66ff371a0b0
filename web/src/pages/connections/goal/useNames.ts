import { useMemo } from "react";
import type { CatalogueView, ProfileView, SegmentView } from "../../../api/schema";
import { useItem } from "../../../api/useItem";
import { useListing } from "../../../api/useListing";

/** What may be chosen where a name is asked for. Others can be typed: what is rare may not be known here. */
export interface Names {
  segments: readonly SegmentView[];
  events: readonly string[];
  traits: readonly string[];
  identifiers: readonly string[];
  purposes: readonly string[];
  channels: readonly string[];
  interactions: readonly { id: string; name: string }[];
}

/** Names that are known: of the person who is looked at, and of what happened here. */
export function useNames(profile: ProfileView | undefined): Names {
  const segments = useListing<SegmentView>("/api/v1/segments", {}, { on: ["config"] }).data;
  const catalogue = useItem<CatalogueView>("/api/v1/catalogue").data;
  return useMemo(
    () => ({
      segments: segments ?? [],
      events: (catalogue?.events ?? [])
        .map((one) => one.name)
        .filter((name) => !/^[$(]/.test(name)),
      traits: both(
        Object.keys(profile?.traits ?? {}),
        (catalogue?.traits ?? []).map((one) => one.name),
      ),
      identifiers: both(Object.keys(profile?.identifiers ?? {}), catalogue?.identifiers ?? []),
      purposes: both(
        (profile?.consents ?? []).map((one) => one.purpose),
        catalogue?.purposes ?? [],
      ),
      channels: [...new Set((profile?.interactions ?? []).map((one) => one.channel))],
      interactions: profile?.interactions ?? [],
    }),
    [segments, catalogue, profile],
  );
}

/** Those of the person who is looked at first. */
function both(own: string[], others: string[]): string[] {
  return [...new Set([...own, ...others])];
}
