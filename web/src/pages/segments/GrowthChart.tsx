/** Size by day as a line; below it, on the same days, who entered (up) and who left (down). */
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { GrowthDayView } from "../../api/schema";
import { ChartReadout } from "../../components/ChartReadout";
import { AXIS_PX, axisIn, colorIn } from "../../components/chartLook";
import { formatExact, formatShort, formatShortUtcDay, formatUtcDay } from "../../components/format";
import { sizeRange } from "./growth";
import classes from "./growth.module.css";

interface Props {
  days: readonly GrowthDayView[];
  /** Read aloud in place of the picture. */
  summary: string;
}

const SIZE_PX = 150;
const MOVES_PX = 96;
const DAYS_AXIS_PX = 28;
const COLORS = { people: "--of-accent", entered: "--of-accent", left: "--of-dim" } as const;
/** Whole people, whole days. */
const WHOLE_STEPS = [1, 2, 5].flatMap((step) =>
  Array.from({ length: 9 }, (_, i) => step * 10 ** i),
);
const DAY_STEPS = [1, 2, 7, 14, 28, 56, 112, 224];
const byValue = (one: number, other: number) => one - other;

export default function GrowthChart({ days, summary }: Props) {
  const sizeHost = useRef<HTMLDivElement>(null);
  const movesHost = useRef<HTMLDivElement>(null);
  const plots = useRef<uPlot[]>([]);
  const shown = useRef(days);
  const [cursor, setCursor] = useState<number | null>(null);
  const scheme = useComputedColorScheme();

  useEffect(() => {
    const [above, below] = [sizeHost.current, movesHost.current];
    if (!above || !below) return;
    const made = [
      new uPlot(sizeOptions(above, setCursor), undefined, above),
      new uPlot(movesOptions(below, shown), undefined, below),
    ];
    plots.current = made;
    const watch = new ResizeObserver(() => {
      for (const plot of made) {
        plot.setSize({ width: above.clientWidth, height: plot.height });
      }
    });
    watch.observe(above);
    return () => {
      watch.disconnect();
      for (const plot of made) plot.destroy();
    };
  }, []);

  useEffect(() => {
    shown.current = days;
    const places = days.map((_, place) => place);
    const [size, moves] = plots.current;
    size?.setData([places, days.map((one) => one.people)]);
    // A bar of nothing would be drawn as a dash.
    moves?.setData([
      places,
      days.map((one) => one.entered || null),
      days.map((one) => -one.left || null),
    ]);
  }, [days]);

  // Colours are read while drawing; the next frame has the new theme's.
  useEffect(() => {
    if (!scheme) return;
    requestAnimationFrame(() => {
      for (const plot of plots.current) plot.redraw(false);
    });
  }, [scheme]);

  const day = cursor === null ? undefined : days[cursor];
  return (
    <div className={classes.chart}>
      <div className={classes.plots} role="img" aria-label={summary}>
        <div className={classes.caption}>People at the end of the day</div>
        <div ref={sizeHost} />
        <div className={classes.caption}>Entered, and left below the line</div>
        <div ref={movesHost} />
      </div>
      {day ? (
        <ChartReadout
          plot={plots.current[0] ?? null}
          title={formatUtcDay(day.day)}
          rows={[
            { label: "People", color: COLORS.people, value: formatExact(day.people) },
            { label: "Entered", color: COLORS.entered, value: formatExact(day.entered) },
            { label: "Left", color: COLORS.left, value: formatExact(day.left) },
          ]}
        />
      ) : null}
    </div>
  );
}

/** What both pictures share: days at whole places, half a day of air at either end, one cursor. */
function sharedOptions(element: HTMLElement) {
  const axis = axisIn(element);
  return {
    width: element.clientWidth,
    padding: [8, 0, 8, 0] as uPlot.Padding,
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      sync: { key: "growth" },
    },
    x: {
      time: false,
      range: (_: uPlot, min: number, max: number): [number, number] => [min - 0.5, max + 0.5],
    },
    valueAxis: {
      ...axis,
      size: AXIS_PX,
      incrs: WHOLE_STEPS.sort(byValue),
      grid: { stroke: colorIn(element)("--of-line"), width: 1 },
    },
    axis,
  };
}

function sizeOptions(
  element: HTMLElement,
  onCursor: (place: number | null) => void,
): uPlot.Options {
  const { x, axis, valueAxis, ...shared } = sharedOptions(element);
  return {
    ...shared,
    height: SIZE_PX,
    scales: { x, y: { range: (_, min, max) => sizeRange(min ?? 0, max ?? 0) } },
    axes: [
      { ...axis, show: false },
      { ...valueAxis, space: 36, values: (_, splits) => splits.map(formatTick) },
    ],
    series: [{}, { stroke: colorIn(element)(COLORS.people), width: 2, points: { show: false } }],
    hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)] },
  };
}

function movesOptions(
  element: HTMLElement,
  shown: { current: readonly GrowthDayView[] },
): uPlot.Options {
  const { x, axis, valueAxis, ...shared } = sharedOptions(element);
  const color = colorIn(element);
  const bars = uPlot.paths.bars?.({ size: [0.6, 18] });
  const bar = (name: string): uPlot.Series => ({
    stroke: color(name),
    fill: color(name),
    width: 0,
    points: { show: false },
    ...(bars ? { paths: bars } : {}),
  });
  return {
    ...shared,
    height: MOVES_PX,
    padding: [4, 0, 0, 0],
    cursor: { ...shared.cursor, points: { show: false } },
    scales: { x, y: { range: (_, min, max) => [Math.min(min ?? 0, 0), Math.max(max ?? 0, 1)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: DAYS_AXIS_PX,
        space: 60,
        incrs: DAY_STEPS,
        values: (plot, splits) =>
          splits.map((place) => dayLabel(plot, shown.current[place], place)),
      },
      {
        ...valueAxis,
        space: 24,
        values: (_, splits) => splits.map((value) => formatTick(Math.abs(value))),
      },
    ],
    series: [{}, bar(COLORS.entered), bar(COLORS.left)],
  };
}

/** Exact as long as there is room: "12.4k" three times would say nothing. */
function formatTick(value: number): string {
  return value < 100_000 ? formatExact(value) : formatShort(value);
}

/** Half a label is worse than none: those that would leave the picture stay away. */
const LABEL_HALF_PX = 24;

function dayLabel(plot: uPlot, day: GrowthDayView | undefined, place: number): string {
  const isCut = plot.valToPos(place, "x") > plot.over.clientWidth - LABEL_HALF_PX;
  return day && !isCut ? formatShortUtcDay(day.day) : "";
}
