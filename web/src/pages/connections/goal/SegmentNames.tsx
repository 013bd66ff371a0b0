import type { SegmentView } from "../../../api/schema";
import classes from "./goal.module.css";

interface Props {
  segments: readonly SegmentView[];
  chosen: readonly number[];
  row: string;
  onChange(chosen: number[]): void;
}

/** Some segments; none chosen means all that there are. */
export function SegmentNames({ segments, chosen, row, onChange }: Props) {
  const words = chosen.length === 0 ? "Of every segment" : `Of ${chosen.length} segments`;
  return (
    <details className={classes.folded}>
      <summary aria-label={`${words}, ${row}`}>{words}</summary>
      {segments.map((one) => (
        <label key={one.id} className={classes.check}>
          <input
            type="checkbox"
            checked={chosen.includes(one.id)}
            onChange={(event) =>
              onChange(
                event.currentTarget.checked
                  ? [...chosen, one.id]
                  : chosen.filter((id) => id !== one.id),
              )
            }
          />
          {one.name}
        </label>
      ))}
    </details>
  );
}
