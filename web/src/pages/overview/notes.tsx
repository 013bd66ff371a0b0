/** What the page says while it has no numbers, or they stand still: nothing answers, or the user paused. */
import { Button } from "@mantine/core";
import { Countdown } from "../../components/Countdown";
import { formatClock, formatShort } from "../../components/format";
import { Notice } from "../../components/Notice";
import type { Lost } from "../../live/flowStream";
import { findStage } from "../../live/steps";
import type { LiveView } from "../../live/useLiveFlow";
import classes from "./overview.module.css";

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
      back by itself. <Countdown to={link} />
    </Notice>
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
