/** A chart of lines that moves: uPlot in React's clothes. Loaded only when a page shows one. */
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { ChartReadout } from "./ChartReadout";
import { AXIS_PX, axisIn, colorIn } from "./chartLook";
import { formatClock, formatRate, LOCALE } from "./format";
import classes from "./LiveChart.module.css";

export interface ChartLine {
  label: string;
  /** Name of a CSS variable, so that the theme decides. */
  color: string;
  width: number;
}

interface Props {
  lines: readonly ChartLine[];
  times: readonly number[];
  values: readonly (readonly (number | null)[])[];
  /** The axis ends at the last time and begins this much earlier. */
  span_s: number;
  /** Read aloud in place of the picture. */
  summary: string;
}

const HEIGHT_PX = 220;

export default function LiveChart({ lines, times, values, span_s, summary }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const [zoom, setZoom] = useState<readonly [number, number] | null>(null);
  const scheme = useComputedColorScheme();

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const made = new uPlot(options(lines, element, setCursor, setZoom), [[]], element);
    plot.current = made;
    const watch = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    );
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [lines]);

  useEffect(() => {
    const last = times.at(-1);
    if (!plot.current || last === undefined) return;
    plot.current.setData([times, ...values] as unknown as uPlot.AlignedData, false);
    const [min, max] = zoom ?? [last - span_s, last];
    plot.current.setScale("x", { min, max });
  }, [times, values, span_s, zoom]);

  // Colours are read while drawing; the next frame has the new theme's.
  useEffect(() => {
    if (scheme) requestAnimationFrame(() => plot.current?.redraw(false));
  }, [scheme]);

  return (
    <div className={classes.chart}>
      <div ref={host} role="img" aria-label={summary} style={{ height: HEIGHT_PX }} />
      {zoom ? (
        <button type="button" className={classes.reset} onClick={() => setZoom(null)}>
          Show all
        </button>
      ) : null}
      {cursor !== null && times[cursor] !== undefined ? (
        <ChartReadout
          plot={plot.current}
          title={formatClock(times[cursor] * 1000)}
          rows={lines.map((line, i) => ({ ...line, value: formatRate(values[i]?.[cursor]) }))}
        />
      ) : null}
    </div>
  );
}

function options(
  lines: readonly ChartLine[],
  element: HTMLElement,
  onCursor: (index: number | null) => void,
  onZoom: (range: readonly [number, number] | null) => void,
): uPlot.Options {
  const color = colorIn(element);
  const axis = axisIn(element);
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    padding: [8, 0, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false, setScale: false },
      bind: {
        dblclick: () => () => {
          onZoom(null);
          return null;
        },
      },
    },
    scales: { x: { time: true }, y: { range: (_, __, max) => [0, niceTop(max)] } },
    axes: [
      { ...axis, grid: { show: false }, space: labelSpace, size: 28, values: clockLabels },
      {
        ...axis,
        size: AXIS_PX,
        space: 44,
        grid: { stroke: color("--of-line"), width: 1 },
        values: (_, splits) => splits.map((value) => formatRate(value).replace("/s", "")),
      },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.label,
        stroke: color(line.color),
        width: line.width,
        points: { show: false },
      })),
    ],
    hooks: {
      setCursor: [(u) => onCursor(u.cursor.idx ?? null)],
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          const from_s = u.posToVal(u.select.left, "x");
          const to_s = u.posToVal(u.select.left + u.select.width, "x");
          onZoom([from_s, to_s]);
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** A top with air above the highest line; an idle pipeline still shows a scale. */
function niceTop(max: number | null): number {
  return Math.max(1, (max ?? 0) * 1.15);
}

const hourMinute = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });

/** Room for hours, minutes and seconds on a wide picture, for hours and minutes on a phone. */
function labelSpace(_: uPlot, __: number, ___: number, ____: number, width_px: number): number {
  return width_px < 500 ? 52 : 90;
}

/** Half a label is worse than none: those that would leave the picture stay away. */
const LABEL_HALF_PX = 28;

function clockLabels(u: uPlot, splits: number[], _: number, __: number, step_s: number) {
  const format = step_s < 60 ? (at_ms: number) => formatClock(at_ms) : hourMinute.format;
  return splits.map((at_s) => {
    const isCut = u.valToPos(at_s, "x") > u.over.clientWidth - LABEL_HALF_PX;
    return isCut ? "" : format(at_s * 1000);
  });
}
