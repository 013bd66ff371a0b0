import {
  IconAffiliate,
  IconCheckbox,
  IconEye,
  IconPointer,
  IconSend,
  IconTargetArrow,
} from "@tabler/icons-react";
import { Link } from "wouter";
import type { Entry, Kind } from "../../api/useTimeline";
import { Facts } from "../../components/Facts";
import { Payload } from "../../components/Payload";
import { When } from "../../components/When";
import { linkWords } from "./linkWords";
import classes from "./timeline.module.css";

const ICONS: Record<Kind, typeof IconEye> = {
  event: IconPointer,
  membership: IconTargetArrow,
  delivery: IconSend,
  link: IconAffiliate,
  consent: IconCheckbox,
  interaction: IconEye,
};

export function KindIcon({ kind }: { kind: Kind }) {
  const Icon = ICONS[kind];
  return <Icon size={16} stroke={1.6} aria-hidden="true" className={classes.icon} />;
}

const TYPES: Record<string, string> = {
  identify: "Said who they are",
  page: "Looked at a page",
  screen: "Looked at a screen",
  group: "Joined a group",
  alias: "Took another id",
  import: "Came in by an import",
};

/** What happened, in one line. */
export function SentenceOf({ entry }: { entry: Entry }) {
  const { event, membership, delivery, consent, interaction, link } = entry;
  if (event) {
    if (event.type === "track") return <b>{event.name}</b>;
    const words = TYPES[event.type] ?? event.type;
    return event.name ? (
      <>
        {words}: <b>{event.name}</b>
      </>
    ) : (
      words
    );
  }
  if (membership) {
    return (
      <>
        {membership.entered ? "Entered" : "Left"} <b>{membership.segment}</b>
      </>
    );
  }
  if (delivery) {
    return (
      <>
        Sent to <b>{delivery.connection}</b>: {outcomesOf(delivery.items)}
      </>
    );
  }
  if (consent) {
    const words = { consented: "Consented to", refused: "Refused", unset: "Took back" };
    return (
      <>
        {words[consent.state]} <b>{consent.purpose}</b>
      </>
    );
  }
  if (interaction) {
    return (
      <>
        Saw <b>{interaction.name || interaction.id}</b>
      </>
    );
  }
  return link ? linkWords(link) : null;
}

/** What is known beyond the line. */
export function DetailsOf({ entry }: { entry: Entry }) {
  const { event, membership, delivery, consent, interaction, link } = entry;
  return (
    <div className={classes.details}>
      {event ? (
        <>
          <Facts
            facts={{
              Source: event.source || null,
              Happened: <When at={event.occurred_at} />,
              "Message id": <code>{event.message_id}</code>,
              Import: event.run_id ? (
                <Link href={`/runs/${event.run_id}`}>Show the run</Link>
              ) : null,
            }}
          />
          <Payload title="As it stands in the log" value={event.payload} />
        </>
      ) : null}
      {membership ? (
        <Link href={`/segments/${membership.segment_id}`}>Open {membership.segment}</Link>
      ) : null}
      {delivery ? (
        <Facts
          facts={{
            Request: `${delivery.request_id}, attempt ${delivery.attempt}`,
            Channel: delivery.channel,
            Sent: <When at={delivery.sent_at} />,
            Code: delivery.code ? <code>{delivery.code}</code> : null,
            Goals: delivery.items.map((item) => `${item.goal} ${item.outcome}`).join(", "),
            Note: delivery.maybe_doubled ? "It may have arrived twice." : null,
            Connection: (
              <Link href={`/connections/${delivery.connection_id}`}>
                Open {delivery.connection}
              </Link>
            ),
          }}
        />
      ) : null}
      {consent ? (
        <Facts
          facts={{
            "How they said it": consent.method || null,
            "What they were shown": consent.text || null,
            "Message id": <code>{consent.message_id}</code>,
          }}
        />
      ) : null}
      {interaction ? (
        <Facts
          facts={{
            Channel: interaction.channel,
            Kind: interaction.kind || null,
            Id: <code>{interaction.id}</code>,
            Times: interaction.count,
            "First seen": <When at={interaction.first_seen} />,
          }}
        />
      ) : null}
      {link ? (
        <Facts
          facts={{
            First: `${link.first.kind} ${link.first.value}`,
            Second: `${link.second.kind} ${link.second.value}`,
            Rule: link.rule,
            Record: `${link.offset}, event ${link.position}`,
          }}
        />
      ) : null}
    </div>
  );
}

function outcomesOf(items: { outcome: string }[]): string {
  const counts = new Map<string, number>();
  for (const { outcome } of items) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts]
    .map(([outcome, count]) => (items.length === 1 ? outcome : `${count} ${outcome}`))
    .join(", ");
}
