import type { ProfileView } from "../../api/schema";
import { Facts } from "../../components/Facts";
import { formatExact } from "../../components/format";
import { Section } from "../../components/Section";
import classes from "./profile.module.css";

/** What is not tracked by a name of its own. */
const WORDS: Record<string, string> = {
  $identify: "Said who they are",
  $page: "Looked at a page",
  $screen: "Looked at a screen",
  $group: "Joined a group",
  $alias: "Took another id",
};

/** How often the person did what, and the revenue of it. */
export function Events({ profile }: { profile: ProfileView }) {
  const events = Object.entries(profile.events);
  return (
    <Section title="Events ever">
      {events.length > 0 ? (
        <Facts
          facts={Object.fromEntries(
            events.map(([name, count]) => [
              WORDS[name] ?? name,
              [formatExact(count), ...revenueOf(profile, name)].join(" · "),
            ]),
          )}
        />
      ) : (
        <p className={classes.dim}>No event yet.</p>
      )}
    </Section>
  );
}

function revenueOf(profile: ProfileView, event: string): string[] {
  return Object.entries(profile.revenue[event] ?? {}).map(
    ([currency, amount]) => `${amount} ${currency}`,
  );
}
