import { Textarea, type TextareaProps } from "@mantine/core";
import { useState } from "react";
import classes from "./form.module.css";

interface Props extends Omit<TextareaProps, "value" | "onChange" | "error"> {
  value: unknown;
  onChange(value: unknown): void;
  error?: string | null;
}

/** A value as JSON; while what stands there is none, what was last kept stays. */
export function JsonInput({ value, onChange, error = null, ...input }: Props) {
  const [typed, setTyped] = useState(() => JSON.stringify(value, null, 2));
  const [isJson, setIsJson] = useState(true);
  return (
    <Textarea
      {...input}
      classNames={{ input: classes.code ?? "" }}
      autosize
      minRows={2}
      maxRows={12}
      spellCheck={false}
      value={typed}
      error={isJson ? error : "This is no JSON yet."}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        const parsed = parse(event.currentTarget.value);
        setIsJson(parsed !== undefined);
        if (parsed !== undefined) onChange(parsed.value);
      }}
    />
  );
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
