import { Tooltip } from "@mantine/core";
import { formatExact, formatShort } from "./format";

interface Props {
  value: number;
  /** What is counted: "people", "events". */
  unit: string;
}

/** A count in its short form; the exact one, with its unit, on hover or touch. */
export function Count({ value, unit }: Props) {
  return (
    <Tooltip
      label={`${formatExact(value)} ${unit}`}
      events={{ hover: true, focus: true, touch: true }}
    >
      <span>{formatShort(value)}</span>
    </Tooltip>
  );
}
