import { useDebouncedValue } from "@mantine/hooks";
import type { GoalPreviewView, GoalView, ProfileView } from "../../../api/schema";
import { useAsked } from "../../../api/useAsked";
import { type Loaded, useItem } from "../../../api/useItem";
import { type Draft, wishOf } from "./draft";

/** After the last key: one person costs milliseconds, everyone may cost a second. */
const LOOK_MS = 250;
const REACH_MS = 1_000;

export interface Previewed {
  look: Loaded<GoalPreviewView>;
  reach: Loaded<GoalPreviewView>;
  profile: ProfileView | undefined;
}

interface Wanted {
  path: string;
  /** The kept goal that the draft would change. */
  goal: GoalView | null;
  draft: Draft;
  /** 0: somebody whom the goal is for. */
  profile_id: number;
  isOff: boolean;
}

/** What a draft would do, for one person and for everyone, asked again as it changes. */
export function usePreview({ path, goal, draft, profile_id, isOff }: Wanted): Previewed {
  const [soon] = useDebouncedValue(draft, LOOK_MS);
  const [later] = useDebouncedValue(draft, REACH_MS);
  const wish = (wanted: Draft, reach: boolean) => ({
    goal: wishOf(wanted),
    instead_of: goal === null ? "" : String(goal.id),
    profile_id,
    reach,
  });
  // What was delivered since is the same as sent.
  const sent = goal?.counts.passed;
  const ask = `${path}/goals/preview`;
  const look = useAsked<GoalPreviewView>(ask, wish(soon, false), isOff, sent);
  const reach = useAsked<GoalPreviewView>(ask, wish(later, true), isOff, sent);
  const shown = look.data?.profile_id ?? profile_id;
  const profile = useItem<ProfileView>(`/api/v1/profiles/${shown}`, undefined, !shown).data;
  return { look, reach, profile };
}
