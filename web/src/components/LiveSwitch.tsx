import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import type { Link } from "../live/flowStream";
import { IconButton } from "./IconButton";
import classes from "./LiveSwitch.module.css";
import { Status, type Tone } from "./Status";

interface Props {
  link: Link;
  isPaused: boolean;
  onToggle(): void;
}

/** Says in a word whether the numbers move, and stops them for a closer look. */
export function LiveSwitch({ link, isPaused, onToggle }: Props) {
  const [word, tone] = describe(link, isPaused);
  return (
    <div className={classes.switch}>
      <span role="status" data-testid="live">
        <Status tone={tone} word={word} isPulsing={word === "live"} />
      </span>
      <IconButton
        label={isPaused ? "Resume live numbers" : "Pause live numbers"}
        onClick={onToggle}
      >
        {isPaused ? <IconPlayerPlayFilled size={14} /> : <IconPlayerPauseFilled size={14} />}
      </IconButton>
    </div>
  );
}

function describe(link: Link, isPaused: boolean): [string, Tone] {
  if (link.kind === "reconnecting") return ["reconnecting", "warn"];
  if (isPaused) return ["paused", "idle"];
  if (link.kind === "live") return ["live", "ok"];
  return ["connecting", "idle"];
}
