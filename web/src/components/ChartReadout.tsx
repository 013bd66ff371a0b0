import type uPlot from "uplot";
import classes from "./ChartReadout.module.css";
import { AXIS_PX } from "./chartLook";

const GAP_PX = 12;

interface Props {
  plot: uPlot | null;
  title: string;
  rows: { label: string; color: string; value: string }[];
}

/** The values under the cursor of a chart, on the side of it that has more room. */
export function ChartReadout({ plot, title, rows }: Props) {
  return (
    <div className={classes.readout} style={besideCursor(plot)} aria-hidden="true">
      <div className={classes.title}>{title}</div>
      {rows.map((row) => (
        <div key={row.label} className={classes.row}>
          <span className={classes.swatch} style={{ background: `var(${row.color})` }} />
          <span>{row.label}</span>
          <span className={classes.value}>{row.value}</span>
        </div>
      ))}
    </div>
  );
}

function besideCursor(plot: uPlot | null): { left: number } | { right: number } {
  const left = plot?.cursor.left ?? 0;
  const width = plot?.over.clientWidth ?? 0;
  return left > width / 2 ? { right: width - left + GAP_PX } : { left: AXIS_PX + left + GAP_PX };
}
