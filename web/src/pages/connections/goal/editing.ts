import type { ConnectionView, GoalKind, GoalPreviewView, ProfileView } from "../../../api/schema";
import type { Draft } from "./draft";
import type { Problems } from "./problems";
import type { Names } from "./useNames";

/** What every part of the form works on. */
export interface Editing {
  connection: ConnectionView;
  /** Of the connection, in the API. */
  path: string;
  kind: GoalKind;
  draft: Draft;
  change(draft: Draft): void;
  /** Whoever looks may not change it. */
  isFixed: boolean;
  problems: Problems;
  names: Names;
  /** What it would do for the person who is looked at. */
  look: GoalPreviewView | undefined;
  profile: ProfileView | undefined;
}
