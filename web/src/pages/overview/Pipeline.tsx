import { Tooltip } from "@mantine/core";
import type { Flow, Latency } from "../../api/flow";
import { formatExact, formatMs } from "../../components/format";
import { Section } from "../../components/Section";
import { ratesAt, type Sample } from "../../live/rates";
import { findStage, readTotals, STEPS } from "../../live/steps";
import classes from "./Pipeline.module.css";
import { StageBox } from "./StageBox";

interface Props {
  flow: Flow | null;
  samples: readonly Sample[];
}

/** The five steps side by side, each with its rate, its total and what it held back. */
export function Pipeline({ flow, samples }: Props) {
  const rates = ratesAt(samples, samples.length - 1);
  const totals = flow ? readTotals(flow) : [];
  return (
    <Section title="Pipeline" aside={<EndToEnd latency={flow?.latency_ms ?? null} />}>
      <ol className={classes.steps}>
        {STEPS.map((step, i) => (
          <StageBox
            key={step.key}
            step={step}
            rate={rates[i] ?? null}
            total={totals[i] ?? null}
            stage={flow && step.count === "passed" ? findStage(flow, step.stage) : undefined}
          />
        ))}
      </ol>
    </Section>
  );
}

/** From capture to the destination's yes. */
function EndToEnd({ latency }: { latency: Latency | null }) {
  const label = latency
    ? `From capture until a destination accepted it: ${formatExact(latency.count)} deliveries in the last 5 minutes`
    : "Nothing was delivered in the last 5 minutes";
  return (
    <Tooltip label={label} events={{ hover: true, focus: true, touch: true }} multiline maw={300}>
      <span className={classes.latency} data-testid="latency">
        <span>End to end</span>
        <span>
          p50 <b>{latency ? formatMs(latency.p50) : "–"}</b>
        </span>
        <span>
          p99 <b>{latency ? formatMs(latency.p99) : "–"}</b>
        </span>
      </span>
    </Tooltip>
  );
}
