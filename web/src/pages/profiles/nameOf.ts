import type { ProfileView } from "../../api/schema";

const BEST = ["email", "user_id", "phone"];

/** What a person is called: by name, else by the identifier that says most, else by number. */
export function nameOf(profile: ProfileView): string {
  const { traits, identifiers } = profile;
  const parts = [traits.first_name ?? traits.firstName, traits.last_name ?? traits.lastName];
  const full = traits.name ?? parts.filter((part) => typeof part === "string").join(" ");
  if (typeof full === "string" && full) return full;
  for (const kind of BEST) {
    const value = identifiers[kind]?.at(-1);
    if (value) return value;
  }
  return `Person ${profile.id}`;
}
