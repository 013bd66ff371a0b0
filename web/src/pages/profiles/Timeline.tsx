import { Button } from "@mantine/core";
import { useSearchParams } from "wouter";
import type { ProfileView } from "../../api/schema";
import { type Entry, type Kind, type LoadedTimeline, useTimeline } from "../../api/useTimeline";
import { formatClock, formatDay } from "../../components/format";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { When } from "../../components/When";
import { DetailsOf, KindIcon, SentenceOf } from "./entry";
import classes from "./timeline.module.css";

/** An event that comes so much later came by an import, or from a device that was offline. */
const LATE_MS = 5 * 60_000;

const KINDS: readonly [Kind, string][] = [
  ["event", "Events"],
  ["membership", "Segments"],
  ["delivery", "Deliveries"],
  ["link", "Identity"],
  ["consent", "Consent"],
  ["interaction", "Seen"],
];

/** What became known of the person, newest first, as far back as it is kept. */
export function Timeline({ profile }: { profile: ProfileView }) {
  const [params, setParams] = useSearchParams();
  const kinds = params.get("kind") ?? "";
  const chosen = new Set(kinds.split(",").filter(Boolean));
  const timeline = useTimeline(profile.id, kinds);

  function toggle(kind: Kind) {
    const after = new Set(chosen);
    if (!after.delete(kind)) after.add(kind);
    setParams(
      (before) => {
        const query = new URLSearchParams(before);
        if (after.size > 0) query.set("kind", [...after].join(","));
        else query.delete("kind");
        return query;
      },
      { replace: true },
    );
  }

  return (
    <Section title="Timeline">
      <fieldset className={classes.chips}>
        <legend>Show only</legend>
        {KINDS.map(([kind, word]) => (
          <button
            key={kind}
            type="button"
            aria-pressed={chosen.has(kind)}
            onClick={() => toggle(kind)}
          >
            {word}
          </button>
        ))}
      </fieldset>
      <Shown of={timeline}>{(entries) => <Days entries={entries} of={timeline} />}</Shown>
    </Section>
  );
}

function Days({ entries, of }: { entries: Entry[]; of: LoadedTimeline }) {
  return (
    <>
      {daysOf(entries).map(([day, ones]) => (
        <section key={day} aria-label={day}>
          <h3 className={classes.day}>{day}</h3>
          <ol className={classes.entries}>
            {ones.map((entry, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: of one time there may be many, in this order
              <li key={`${entry.kind}:${entry.at}:${place}`}>
                <details>
                  <summary>
                    <KindIcon kind={entry.kind} />
                    <span className={classes.what}>
                      <SentenceOf entry={entry} />
                    </span>
                    <TimeOf entry={entry} />
                  </summary>
                  <DetailsOf entry={entry} />
                </details>
              </li>
            ))}
          </ol>
        </section>
      ))}
      <End of={of} isEmpty={entries.length === 0} />
    </>
  );
}

/** When it became known; of what happened long before, also when that was. */
function TimeOf({ entry }: { entry: Entry }) {
  const at_ms = Date.parse(entry.at);
  const happened = entry.event?.occurred_at;
  return (
    <span className={classes.time}>
      {happened && at_ms - Date.parse(happened) > LATE_MS ? (
        <span>
          happened <When at={happened} />{" "}
        </span>
      ) : null}
      <time dateTime={entry.at}>{formatClock(at_ms)}</time>
    </span>
  );
}

/** How far back this reaches, and the way further. */
function End({ of, isEmpty }: { of: LoadedTimeline; isEmpty: boolean }) {
  if (of.hasMore) {
    return (
      <p className={classes.end}>
        <Button size="sm" variant="default" loading={of.isLoadingMore} onClick={of.loadMore}>
          Show more
        </Button>
        {of.lookedBackTo ? (
          <span>
            Looked back to <When at={of.lookedBackTo} />.
          </span>
        ) : null}
      </p>
    );
  }
  return (
    <p className={classes.end}>
      {isEmpty ? "Nothing of that is kept. " : "That is all. "}
      {of.keptSince?.event ? (
        <span>
          Events are kept since <When at={of.keptSince.event} />.
        </span>
      ) : null}
    </p>
  );
}

function daysOf(entries: Entry[]): [string, Entry[]][] {
  const days: [string, Entry[]][] = [];
  for (const entry of entries) {
    const day = formatDay(Date.parse(entry.at));
    const last = days.at(-1);
    if (last?.[0] === day) last[1].push(entry);
    else days.push([day, [entry]]);
  }
  return days;
}
