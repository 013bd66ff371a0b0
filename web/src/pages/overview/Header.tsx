import type { Flow } from "../../api/flow";
import { LiveSwitch } from "../../components/LiveSwitch";
import { Status, type Tone } from "../../components/Status";
import type { LiveView } from "../../live/useLiveFlow";
import classes from "./overview.module.css";

const WORDS: Record<Flow["status"], { word: string; tone: Tone }> = {
  ok: { word: "Everything runs", tone: "ok" },
  degraded: { word: "Partly running", tone: "warn" },
  down: { word: "Down", tone: "bad" },
};

export function Header({ view }: { view: LiveView }) {
  const { flow, link } = view.shown;
  const status = flow ? WORDS[flow.status] : null;
  return (
    <header className={classes.header}>
      <div>
        <h1>Overview</h1>
        <p className={classes.meaning}>The way of your data, from capture to delivery.</p>
      </div>
      <div className={classes.tools}>
        {status && link.kind !== "reconnecting" ? (
          <span className={classes.overall}>
            <Status {...status} />
          </span>
        ) : null}
        <LiveSwitch link={link} isPaused={view.isPaused} onToggle={view.togglePause} />
      </div>
    </header>
  );
}
