import { SegmentedControl } from "@mantine/core";
import { lazy, Suspense, useMemo, useState } from "react";
import type { HistoryMinute } from "../../api/flow";
import { formatRate } from "../../components/format";
import type { ChartLine } from "../../components/LiveChart";
import { Section } from "../../components/Section";
import { ratesAt, type Sample } from "../../live/rates";
import { hourSeries, liveSeries } from "../../live/series";
import { STEPS } from "../../live/steps";
import classes from "./overview.module.css";

const LiveChart = lazy(() => import("../../components/LiveChart"));

/** Early steps are drawn wide and later ones thin, so that equal rates still show as two lines. */
const WIDTHS = [5, 3, 2, 1.5, 2] as const;
const LINES: readonly ChartLine[] = STEPS.map((step, i) => ({
  label: step.label,
  color: `--of-step-${step.key}`,
  width: WIDTHS[i] ?? 2,
}));

const RANGES = {
  live: { label: "5 min", span_s: 300, series: liveSeries },
  hour: { label: "1 hour", span_s: 3600, series: hourSeries },
} as const;
type RangeName = keyof typeof RANGES;

interface Props {
  history: readonly HistoryMinute[];
  samples: readonly Sample[];
}

/** The same five rates over time. */
export function Throughput({ history, samples }: Props) {
  const [name, setName] = useState<RangeName>("live");
  const range = RANGES[name];
  const series = useMemo(
    () => range.series(history, samples, range.span_s),
    [history, samples, range],
  );
  const rates = ratesAt(samples, samples.length - 1);
  const summary = STEPS.map((step, i) => `${step.label} ${formatRate(rates[i])}`).join(", ");
  return (
    <Section
      title="Per second"
      aside={
        <SegmentedControl
          size="xs"
          value={name}
          onChange={(value) => setName(value as RangeName)}
          data={Object.entries(RANGES).map(([value, { label }]) => ({ value, label }))}
          classNames={{ root: classes.ranges ?? "", indicator: classes.range ?? "" }}
          aria-label="Range of the chart"
        />
      }
    >
      <div className={classes.chart}>
        <Suspense fallback={null}>
          <LiveChart
            lines={LINES}
            times={series.times}
            values={series.lines}
            span_s={range.span_s}
            summary={`Rates of the last ${range.label}. Now: ${summary}.`}
          />
        </Suspense>
      </div>
    </Section>
  );
}
