import { Tooltip } from "@mantine/core";
import type { Stage } from "../../api/flow";
import { Count } from "../../components/Count";
import { formatRate } from "../../components/format";
import type { Step } from "../../live/steps";
import { HeldBack } from "./HeldBack";
import classes from "./Pipeline.module.css";

interface Props {
  step: Step;
  rate: number | null;
  total: number | null;
  /** The stage whose outcomes are shown here; none for what merely arrives. */
  stage: Stage | undefined;
}

export function StageBox({ step, rate, total, stage }: Props) {
  const [digits, per] = splitRate(formatRate(rate));
  const unit = step.key === "delivered" ? "changes and events" : "events";
  return (
    <li className={classes.step} data-testid={`step-${step.key}`}>
      <div className={classes.label}>
        <span
          className={classes.swatch}
          style={{ background: `var(--of-step-${step.key})` }}
          aria-hidden="true"
        />
        <Tooltip label={step.meaning} openDelay={300} multiline maw={260}>
          <span>{step.label}</span>
        </Tooltip>
      </div>
      <div className={classes.rate} data-testid="rate">
        {digits}
        <span className={classes.per}>{per}</span>
      </div>
      <div className={classes.total}>
        {total === null ? "\u00a0" : <Count value={total} unit={`${unit} in all`} />}
        {total === null ? null : " in all"}
      </div>
      <div className={classes.held}>{stage ? <HeldBack stage={stage} /> : null}</div>
    </li>
  );
}

function splitRate(text: string): [string, string] {
  return text.endsWith("/s") ? [text.slice(0, -2), "/s"] : [text, ""];
}
