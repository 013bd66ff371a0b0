import { TextInput, type TextInputProps } from "@mantine/core";
import { useState } from "react";

interface Props extends Omit<TextInputProps, "value" | "onChange"> {
  value: readonly string[];
  onChange(texts: string[]): void;
}

/** Several texts in one line, with commas between. */
export function TextsInput({ value, onChange, ...input }: Props) {
  const [typed, setTyped] = useState(value.join(", "));
  const isTyped = textsOf(typed).join("\n") === value.join("\n");
  return (
    <TextInput
      {...input}
      value={isTyped ? typed : value.join(", ")}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onChange(textsOf(event.currentTarget.value));
      }}
    />
  );
}

export function textsOf(text: string): string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}
