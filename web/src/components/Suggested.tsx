import { TextInput, type TextInputProps } from "@mantine/core";
import { useId } from "react";

interface Props extends Omit<TextInputProps, "value" | "onChange" | "list"> {
  value: string;
  onChange(value: string): void;
  /** What may be chosen; anything else may be typed. */
  suggestions: readonly (string | { value: string; label: string })[];
}

/** A text that is typed, or chosen from what is known. */
export function Suggested({ value, onChange, suggestions, ...input }: Props) {
  const id = useId();
  return (
    <>
      <TextInput
        {...input}
        list={id}
        value={value}
        autoComplete="off"
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={id}>
        {suggestions.map((one) =>
          typeof one === "string" ? (
            <option key={one} value={one} />
          ) : (
            <option key={one.value} value={one.value} label={one.label} />
          ),
        )}
      </datalist>
    </>
  );
}
