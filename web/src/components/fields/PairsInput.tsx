import { Button, Input, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { IconButton } from "../IconButton";
import classes from "./fields.module.css";

interface Props {
  label: string;
  description: ReactNode;
  error: ReactNode;
  required: boolean;
  disabled: boolean;
  value: unknown;
  onChange(value: unknown): void;
  /** What stands in each column. */
  columns?: readonly [name: string, value: string];
}

type Pair = [name: string, text: string];

/** Texts by name, a row for each. */
export function PairsInput({ label, description, error, required, disabled, ...rest }: Props) {
  const [nameColumn, valueColumn] = rest.columns ?? ["Name", "Value"];
  // Rows as they are typed: two may bear one name for a moment, and one may have none yet.
  const [rows, setRows] = useState<Pair[]>(() => pairsOf(rest.value));

  function take(changed: Pair[]) {
    setRows(changed);
    const named = changed.filter(([name]) => name.trim());
    rest.onChange(named.length > 0 ? Object.fromEntries(named) : null);
  }

  const edit = (place: number, pair: Pair) =>
    take(rows.map((row, at) => (at === place ? pair : row)));
  return (
    <Input.Wrapper
      label={label}
      description={description}
      error={error}
      required={required}
      labelElement="div"
    >
      {rows.map(([name, text], place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <div key={place} className={classes.pair}>
          <TextInput
            aria-label={`${label}: ${nameColumn.toLowerCase()} ${place + 1}`}
            placeholder={nameColumn}
            value={name}
            disabled={disabled}
            onChange={(event) => edit(place, [event.currentTarget.value, text])}
          />
          <TextInput
            aria-label={`${label}: ${valueColumn.toLowerCase()} ${place + 1}`}
            placeholder={valueColumn}
            value={text}
            disabled={disabled}
            onChange={(event) => edit(place, [name, event.currentTarget.value])}
          />
          <IconButton
            label={`Remove ${name || "row"}`}
            onClick={() => take(rows.filter((_, at) => at !== place))}
          >
            <IconX size={16} />
          </IconButton>
        </div>
      ))}
      <Button
        size="compact-sm"
        variant="default"
        mt="xs"
        disabled={disabled}
        onClick={() => setRows([...rows, ["", ""]])}
      >
        Add row
      </Button>
    </Input.Wrapper>
  );
}

function pairsOf(value: unknown): Pair[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([name, text]) => [name, String(text)]);
}
