import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";
import type { EventTrace, LetterDetail, Trace } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { Command } from "../../components/Command";
import { Facts } from "../../components/Facts";
import { Payload } from "../../components/Payload";
import { Shown } from "../../components/Shown";
import { SidePanel } from "../../components/SidePanel";
import { When } from "../../components/When";
import { Way } from "./Way";

const VIEWS = [
  { value: "trace", label: "Trace" },
  { value: "pretty", label: "Pretty" },
  { value: "raw", label: "Raw" },
];

/** One event in whole: its way through every stage, and what was sent. */
export function Event({ address, onClose }: { address: string; onClose(): void }) {
  const at = address.indexOf(":");
  const [head, id] = [address.slice(0, at), address.slice(at + 1)];
  return head === "letter" ? (
    <Refused key={id} id={id} onClose={onClose} />
  ) : (
    <Received key={address} source={head} id={id} onClose={onClose} />
  );
}

function Received({ source, id, onClose }: { source: string; id: string; onClose(): void }) {
  const path = `/api/v1/trace/${encodeURIComponent(id)}?source=${source}`;
  const trace = useItem<Trace>(path, { on: ["events", "people", "deliveries", "config"] });
  const [view, setView] = useState("trace");
  const first = trace.data?.events[0]?.capture.payload;
  return (
    <SidePanel title={titleOf(first) || "Event"} onClose={onClose}>
      <SegmentedControl
        size="xs"
        data={VIEWS}
        value={view}
        onChange={setView}
        aria-label="What to show of the event"
      />
      <Shown of={trace}>
        {(found) => (
          <>
            {found.events.map((event, place) => (
              <Receipt
                key={`${event.capture.offset} ${event.capture.position} ${event.capture.received_at}`}
                event={event}
                title={found.events.length > 1 ? `Receipt ${place + 1}` : "As it was sent"}
                view={view}
              />
            ))}
            <Command text={`onefold trace ${quote(id)}`} />
          </>
        )}
      </Shown>
    </SidePanel>
  );
}

function Receipt({ event, title, view }: { event: EventTrace; title: string; view: string }) {
  if (view === "trace") return <Way of={event} />;
  const { payload } = event.capture;
  return <Payload title={title} value={view === "raw" ? JSON.stringify(payload) : payload} />;
}

function Refused({ id, onClose }: { id: string; onClose(): void }) {
  const letter = useItem<LetterDetail>(`/api/v1/dead-letters/${encodeURIComponent(id)}`, {
    on: ["config"],
  });
  return (
    <SidePanel title="Refused event" onClose={onClose}>
      <Shown of={letter}>
        {(one) => (
          <>
            <Facts
              facts={{
                Why: one.reason,
                "What to do": one.hint || null,
                Code: <code>{one.code}</code>,
                Field: one.field || null,
                Received: <When at={one.at} />,
                "Dead letter": <Link href={`/dead-letters/${one.id}`}>Mend and replay it</Link>,
              }}
            />
            <Payload title="As it came" value={one.payload} />
          </>
        )}
      </Shown>
    </SidePanel>
  );
}

function titleOf(payload: unknown): string {
  if (typeof payload !== "object" || payload === null) return "";
  const { event, name, type } = payload as Record<string, unknown>;
  return [event, name, type].find((one) => typeof one === "string" && one !== "•••") as string;
}

/** As one word of a shell. */
function quote(text: string): string {
  return /^[\w.@:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
