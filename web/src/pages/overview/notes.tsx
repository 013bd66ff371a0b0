/** What the page says while its numbers do not move: paused by the user, or the server is gone. */
import { Button } from "@mantine/core";
import { formatClock, formatShort } from "../../components/format";
import { Notice } from "../../components/Notice";
import { useNow } from "../../components/useNow";
import type { Link } from "../../live/flowStream";
import { findStage } from "../../live/steps";
import type { LiveView } from "../../live/useLiveFlow";
import classes from "./overview.module.css";

type Lost = Extract<Link, { kind: "reconnecting" }>;

export function LostNotice({ link, retry }: { link: Lost; retry(): void }) {
  return (
    <Notice
      title="Onefold does not answer"
      command="onefold serve"
      action={
        <Button variant="default" size="sm" onClick={retry}>
          Try now
        </Button>
      }
    >
      Nothing answers at {window.location.host}. Start the server with this command; the page comes
      back by itself. <Countdown link={link} />
    </Notice>
  );
}

export function StaleNote({ link, view }: { link: Lost; view: LiveView }) {
  return (
    <p className={classes.note} data-tone="warn">
      The connection was lost at {formatClock(link.since_ms)}; these numbers are from then.{" "}
      <Countdown link={link} />{" "}
      <button type="button" className={classes.textButton} onClick={view.retryNow}>
        Try now
      </button>
    </p>
  );
}

export function PausedNote({ view }: { view: LiveView }) {
  const shown = view.shown.flow;
  const newest = view.newest.flow;
  if (!shown || !newest) return null;
  const waiting =
    (findStage(newest, "capture")?.received ?? 0) - (findStage(shown, "capture")?.received ?? 0);
  return (
    <p className={classes.note}>
      Paused since {formatClock(Date.parse(shown.at))}. Onefold goes on: {formatShort(waiting)}{" "}
      events captured meanwhile.{" "}
      <button type="button" className={classes.textButton} onClick={view.togglePause}>
        Resume
      </button>
    </p>
  );
}

function Countdown({ link }: { link: Lost }) {
  const left_s = Math.ceil((link.retry_ms - useNow()) / 1000);
  return <span>{left_s > 0 ? `Trying again in ${left_s} s.` : "Trying again now."}</span>;
}
