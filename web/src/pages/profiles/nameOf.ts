import type { ProfileView } from "../../api/schema";
import { MASK } from "../../components/value";

const BEST = ["email", "user_id", "phone"];

/** What a person is called: by name, else by the identifier that says most, else by number. */
export function nameOf(profile: ProfileView): string {
  const { traits } = profile;
  const parts = [traits.first_name ?? traits.firstName, traits.last_name ?? traits.lastName];
  const full = traits.name ?? parts.filter(isShown).join(" ");
  return isShown(full) ? full : nameByIdentifiers(profile.id, profile.identifiers);
}

export function nameByIdentifiers(id: number, identifiers: ProfileView["identifiers"]): string {
  const best = BEST.map((kind) => identifiers[kind]?.at(-1)).find(isShown);
  return best ?? `Person ${id}`;
}

function isShown(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value !== MASK;
}
