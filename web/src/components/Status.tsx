import classes from "./Status.module.css";

export type Tone = "ok" | "warn" | "bad" | "idle";

interface Props {
  tone: Tone;
  /** Colour never stands alone. */
  word: string;
  isPulsing?: boolean;
}

/** A dot and its word. */
export function Status({ tone, word, isPulsing = false }: Props) {
  return (
    <span className={classes.status} data-tone={tone}>
      <span className={classes.dot} data-pulsing={isPulsing || undefined} aria-hidden="true" />
      {word}
    </span>
  );
}
