import { Textarea, type TextareaProps } from "@mantine/core";
import { useTypedTexts } from "./useTypedTexts";

interface Props extends Omit<TextareaProps, "value" | "onChange"> {
  value: readonly string[];
  onChange(texts: string[]): void;
}

/** Several texts, one a line. */
export function LinesInput({ value, onChange, ...input }: Props) {
  const typed = useTypedTexts(value, onChange, linesOf, "\n");
  return <Textarea {...input} {...typed} autosize minRows={3} maxRows={12} />;
}

/** Those that are typed, each once. */
export function linesOf(text: string): string[] {
  return [...new Set(text.split("\n").map((one) => one.trim()))].filter((one) => one !== "");
}
