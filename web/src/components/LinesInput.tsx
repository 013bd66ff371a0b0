import { Textarea, type TextareaProps } from "@mantine/core";
import { useState } from "react";

interface Props extends Omit<TextareaProps, "value" | "onChange"> {
  value: readonly string[];
  onChange(texts: string[]): void;
}

/** Several texts, one a line. */
export function LinesInput({ value, onChange, ...input }: Props) {
  const [typed, setTyped] = useState(value.join("\n"));
  const isTyped = linesOf(typed).join("\n") === value.join("\n");
  return (
    <Textarea
      {...input}
      autosize
      minRows={3}
      maxRows={12}
      value={isTyped ? typed : value.join("\n")}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onChange(linesOf(event.currentTarget.value));
      }}
    />
  );
}

/** Those that are typed, each once. */
export function linesOf(text: string): string[] {
  return [...new Set(text.split("\n").map((one) => one.trim()))].filter((one) => one !== "");
}
