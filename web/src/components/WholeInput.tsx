import { TextInput, type TextInputProps } from "@mantine/core";

interface Props extends Omit<TextInputProps, "value" | "onChange" | "type" | "min" | "max"> {
  value: number | null;
  onChange(value: number | null): void;
  min?: number | null | undefined;
  max?: number | null | undefined;
}

/** A whole number, or nothing. */
export function WholeInput({ value, onChange, min, max, ...input }: Props) {
  return (
    <TextInput
      {...input}
      type="number"
      inputMode="numeric"
      step={1}
      min={min ?? undefined}
      max={max ?? undefined}
      value={value ?? ""}
      onChange={(event) => {
        const number = Number.parseInt(event.currentTarget.value, 10);
        onChange(Number.isNaN(number) ? null : number);
      }}
    />
  );
}
