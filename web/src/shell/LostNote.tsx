import { Countdown } from "../components/Countdown";
import { formatClock } from "../components/format";
import { store } from "../live/flowStore";
import { useLost } from "../live/useLiveFlow";
import classes from "./Shell.module.css";

/** Above every page while the stream is lost: nothing on it moves then, or only now and then. */
export function LostNote() {
  const lost = useLost();
  // Where nothing ever came, the page itself says so.
  if (!lost || !store.read().flow) return null;
  return (
    <p className={classes.lost}>
      {/* Not the countdown: nobody wants to hear each second of it. */}
      <span aria-live="polite">
        The connection was lost at {formatClock(lost.since_ms)}; what you see may be from then.
      </span>{" "}
      <Countdown to={lost} />{" "}
      <button type="button" className={classes.tryNow} onClick={store.retryNow}>
        Try now
      </button>
    </p>
  );
}
