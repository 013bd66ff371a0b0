import type { SegmentView } from "../../api/schema";

/** What it takes to make a deleted segment again. */
export type Deleted = Pick<SegmentView, "name" | "description" | "condition">;

const KEY = "onefold-segment-deleted";

/** Remembers the segment that was deleted last, in this tab. */
export function leaveDeleted({ name, description, condition }: SegmentView): void {
  sessionStorage.setItem(KEY, JSON.stringify({ name, description, condition } satisfies Deleted));
}

export function readDeleted(): Deleted | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Deleted | null;
  } catch {
    return null;
  }
}

export function forgetDeleted(): void {
  sessionStorage.removeItem(KEY);
}
