import { Textarea } from "@mantine/core";
import { type ReactNode, useState } from "react";
import form from "../form.module.css";

interface Props {
  label: string;
  description: ReactNode;
  error: ReactNode;
  required: boolean;
  disabled: boolean;
  value: unknown;
  onChange(value: unknown): void;
}

/** A value of any shape, written as JSON; what is no JSON yet stays in the box and is not taken. */
export function JsonInput({ value, onChange, error, ...shared }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (value === null ? "" : JSON.stringify(value, null, 2));
  const isReadable = typed === null || read(typed) !== undefined;

  function take(text: string) {
    const found = read(text);
    setTyped(text);
    if (found !== undefined) onChange(found);
  }

  return (
    <Textarea
      {...shared}
      classNames={{ input: form.code ?? "" }}
      autosize
      minRows={2}
      maxRows={16}
      spellCheck={false}
      value={shown}
      error={isReadable ? error : "This is no JSON yet."}
      onChange={(event) => take(event.currentTarget.value)}
    />
  );
}

function read(text: string): unknown {
  if (!text.trim()) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
