import { useMemo } from "react";
import type { ProfileView, SegmentView, TotalView } from "../../../api/schema";
import { useItem } from "../../../api/useItem";
import { addressOf, useListing } from "../../../api/useListing";

/** What may be chosen where a name is asked for. Others can be typed: people not looked at may have more. */
export interface Names {
  segments: readonly SegmentView[];
  events: readonly string[];
  traits: readonly string[];
  identifiers: readonly string[];
  purposes: readonly string[];
  channels: readonly string[];
  interactions: readonly { id: string; name: string }[];
}

interface Page<T> {
  items: T[];
}

const EVENTS = addressOf("/api/v1/totals", { by: "event", limit: 100 });

/** Names that are known: of the person who is looked at, and of what happened here. */
export function useNames(profile: ProfileView | undefined): Names {
  const segments = useListing<SegmentView>("/api/v1/segments").data;
  const totals = useItem<Page<TotalView>>(EVENTS).data;
  return useMemo(
    () => ({
      segments: segments ?? [],
      events: (totals?.items ?? [])
        .map((one) => one.event ?? "")
        .filter((name) => name !== "" && !name.startsWith("$") && !name.startsWith("(")),
      traits: Object.keys(profile?.traits ?? {}).sort(),
      identifiers: known(["user_id", "email", "phone", "anonymous_id"], profile?.identifiers),
      purposes: (profile?.consents ?? []).map((one) => one.purpose),
      channels: [...new Set((profile?.interactions ?? []).map((one) => one.channel))],
      interactions: profile?.interactions ?? [],
    }),
    [segments, totals, profile],
  );
}

function known(usual: string[], own: Record<string, unknown> | undefined): string[] {
  return [...new Set([...Object.keys(own ?? {}), ...usual])];
}
