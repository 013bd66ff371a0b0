import { TextInput, type TextInputProps } from "@mantine/core";
import { useTypedTexts } from "./useTypedTexts";

interface Props extends Omit<TextInputProps, "value" | "onChange"> {
  value: readonly string[];
  onChange(texts: string[]): void;
}

/** Several texts in one line, with commas between. */
export function TextsInput({ value, onChange, ...input }: Props) {
  return <TextInput {...input} {...useTypedTexts(value, onChange, textsOf, ", ")} />;
}

export function textsOf(text: string): string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}
