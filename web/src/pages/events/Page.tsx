import { Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { Link, useSearchParams } from "wouter";
import type { ReceivedEvent } from "../../api/schema";
import { useMay } from "../../api/useMe";
import { type Column, DataTable } from "../../components/DataTable";
import { formatClock, formatExact, formatExactTime } from "../../components/format";
import { Notice } from "../../components/Notice";
import { PageFrame } from "../../components/PageFrame";
import { Shown } from "../../components/Shown";
import { Status } from "../../components/Status";
import { changed, useFilters } from "../../components/useFilters";
import { MASK } from "../../components/value";
import { useLost } from "../../live/useLiveFlow";
import { Event } from "./Event";
import classes from "./events.module.css";
import { Filters } from "./Filters";
import { OutcomeStatus } from "./outcome";
import { keyOf, type Tail } from "./tail";
import { type LiveTail, useTail } from "./useTail";

const FILTERS = ["source", "type", "name", "identifier", "profile", "outcome"] as const;
/** Which event is looked at, beside the filters. */
const CHOSEN = ["event"] as const;
const TYPED_MS = 300;

/** Did my event arrive, and what happened to it? */
export default function Page() {
  const [params] = useSearchParams();
  const [filters, setFilters] = useFilters(FILTERS);
  const [{ event: chosen }, choose] = useFilters(CHOSEN);
  const maySee = useMay("personal");
  const query = given(filters);
  const tail = useTail(useSettled(query));
  const hrefOf = (event: ReceivedEvent) =>
    `/events?${changed(params, { event: addressOf(event) })}`;
  return (
    <PageFrame
      title="Live events"
      meaning="What comes in now, newest first, and what became of it."
      action={<Switch tail={tail} />}
    >
      <Filters
        query={filters}
        set={(change) => setFilters(change, { replace: true })}
        maySee={maySee}
      />
      <Shown of={tail}>
        {(shown) => (
          <>
            {shown.rows.length > 0 ? (
              <DataTable
                columns={columnsOf(hrefOf, maySee)}
                rows={[...shown.rows]}
                keyOf={keyOf}
                hrefOf={hrefOf}
              />
            ) : null}
            <Foot shown={shown} tail={tail} isFiltered={Object.keys(query).length > 0} />
          </>
        )}
      </Shown>
      {chosen ? (
        <Event address={chosen} onClose={() => choose({ event: "" }, { replace: true })} />
      ) : null}
    </PageFrame>
  );
}

function given(filters: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ""));
}

/** The filters once typing rests. */
function useSettled(query: Record<string, string>): Record<string, string> {
  const [settled] = useDebouncedValue(JSON.stringify(query), TYPED_MS);
  const found = JSON.parse(settled) as Record<string, string>;
  return Object.fromEntries(Object.entries(found).map(([name, text]) => [name, text.trim()]));
}

/** Letters by their own number, events by source and message id, which may hold anything. */
function addressOf(event: ReceivedEvent): string {
  if (event.letter_id) return `letter:${event.letter_id}`;
  return `${event.source_id}:${event.message_id}`;
}

function columnsOf(
  hrefOf: (event: ReceivedEvent) => string,
  maySee: boolean,
): Column<ReceivedEvent>[] {
  return [
    {
      name: "Received",
      show: (one) => (
        <time dateTime={one.received_at} title={formatExactTime(Date.parse(one.received_at))}>
          {formatClock(Date.parse(one.received_at))}
        </time>
      ),
    },
    { name: "Source", show: (one) => one.source, isExtra: true },
    { name: "Type", show: (one) => one.type || "–", isExtra: true },
    {
      name: "Name",
      show: (one) =>
        one.name ? (
          <Link className={classes.name ?? ""} href={hrefOf(one)}>
            {one.name}
          </Link>
        ) : (
          "–"
        ),
    },
    { name: "Person", show: (one) => <Person of={one} maySee={maySee} /> },
    { name: "Outcome", show: (one) => <OutcomeStatus of={one.outcome} /> },
  ];
}

function Person({ of: event, maySee }: { of: ReceivedEvent; maySee: boolean }) {
  const [kind, ...rest] = event.person.split(":");
  const value = maySee ? rest.join(":") : MASK;
  if (!event.profile_id)
    return event.person ? (
      <span className={classes.person} title={kind}>
        {value}
      </span>
    ) : (
      "–"
    );
  return (
    <Link href={`/profiles/${event.profile_id}`} className={classes.person ?? ""}>
      {event.person && maySee ? value : `Person ${event.profile_id}`}
    </Link>
  );
}

function Switch({ tail }: { tail: LiveTail }) {
  const waiting = tail.waiting > 0 ? `, ${formatExact(tail.waiting)} waiting` : "";
  const isLost = useLost() !== null;
  return (
    <>
      <span role="status" data-testid="live">
        {isLost ? (
          <Status tone="warn" word="reconnecting" />
        ) : tail.isPaused ? (
          <Status tone="idle" word={`paused${waiting}`} />
        ) : (
          <Status tone="ok" word="live" isPulsing />
        )}
      </span>
      <Button
        variant="default"
        size="sm"
        leftSection={
          tail.isPaused ? <IconPlayerPlayFilled size={12} /> : <IconPlayerPauseFilled size={12} />
        }
        onClick={tail.togglePause}
      >
        {tail.isPaused ? "Resume" : "Pause"}
      </Button>
    </>
  );
}

interface FootProps {
  shown: Tail;
  tail: LiveTail;
  isFiltered: boolean;
}

/** How much of all this is, and the way further back. */
function Foot({ shown, tail, isFiltered }: FootProps) {
  const isEmpty = shown.rows.length === 0;
  if (isEmpty && !isFiltered && !shown.older) {
    return (
      <Notice title="Waiting for the first event" command="onefold events tail" level={2}>
        Make a <Link href="/sources">source</Link>, send an event with its key, and it stands here
        within a second.
      </Notice>
    );
  }
  const looked = `${formatExact(shown.looked_at)} ${shown.looked_at === 1 ? "event" : "events"}`;
  const back = shown.back_to ? `, back to ${formatExactTime(Date.parse(shown.back_to))}` : "";
  return (
    <div className={classes.foot}>
      <p className={classes.dim}>
        {isEmpty
          ? `None of the last ${looked} fits${back}.`
          : `Showing ${formatExact(shown.rows.length)} of ${formatExact(Math.max(shown.total, shown.rows.length))} that came since you opened the page or just before${back}.`}
      </p>
      {shown.older ? (
        <Button variant="default" size="sm" loading={tail.isLookingBack} onClick={tail.lookBack}>
          Look further back
        </Button>
      ) : null}
    </div>
  );
}
