import { NativeSelect, TextInput } from "@mantine/core";
import type { Mapping, ValueType } from "../../../api/schema";
import classes from "./goal.module.css";

interface Props {
  row: Mapping;
  name: string;
  /** Nobody leaves a goal that is for everyone. */
  isSegment: boolean;
  onChange(row: Mapping): void;
}

const TYPES: Record<ValueType, string> = {
  auto: "Type as it is",
  text: "Text",
  number: "Number",
  boolean: "Yes or no",
  time: "Time",
  date: "Date",
  list: "List",
  object: "Object",
};

const LEAVING = [
  { value: "goal", label: "as the goal says" },
  { value: "null", label: "remove the field" },
  { value: "value", label: "set it to…" },
];

/** What is seldom said of a row: its type, and what becomes of the field when someone leaves. */
export function RowOptions({ row, name, isSegment, onChange }: Props) {
  const type = row.type ?? "auto";
  const words = [
    type === "auto" ? "" : TYPES[type],
    row.leaving === undefined ? "" : "when leaving",
  ].filter(Boolean);
  return (
    <details className={classes.folded}>
      <summary aria-label={`Options, ${name}`}>
        {words.length > 0 ? `Options: ${words.join(", ")}` : "Options"}
      </summary>
      <div className={classes.options}>
        <NativeSelect
          size="xs"
          label="Type there"
          data={Object.entries(TYPES).map(([value, label]) => ({ value, label }))}
          value={type}
          onChange={(event) => onChange({ ...row, type: event.currentTarget.value as ValueType })}
        />
        {isSegment || row.leaving !== undefined ? <Leaving row={row} onChange={onChange} /> : null}
      </div>
    </details>
  );
}

function Leaving({ row, onChange }: Pick<Props, "row" | "onChange">) {
  const { leaving, ...rest } = row;
  const how = leaving === undefined ? "goal" : leaving === null ? "null" : "value";
  return (
    <>
      <NativeSelect
        size="xs"
        label="When someone leaves"
        data={LEAVING}
        value={how}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          if (chosen === "goal") onChange(rest);
          else onChange({ ...rest, leaving: chosen === "null" ? null : false });
        }}
      />
      {how === "value" ? (
        <TextInput
          size="xs"
          label="To"
          value={String(leaving)}
          onChange={(event) =>
            onChange({ ...rest, leaving: typedValue(event.currentTarget.value) })
          }
        />
      ) : null}
    </>
  );
}

/** `false`, `3` and such are what they look like; everything else is text. */
export function typedValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && String(Number(text)) === text ? Number(text) : text;
}
