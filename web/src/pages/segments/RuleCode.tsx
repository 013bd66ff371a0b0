import { Textarea } from "@mantine/core";
import form from "../../components/form.module.css";

interface Props {
  code: string;
  /** `json` is undefined while what was typed is none. */
  onChange(code: string, json: unknown): void;
}

/** The rule as the API takes it, to be changed. */
export function RuleCode({ code, onChange }: Props) {
  return (
    <Textarea
      aria-label="The rule as code"
      autosize
      minRows={8}
      maxRows={30}
      value={code}
      error={readJson(code) === undefined ? "This is no JSON yet." : null}
      classNames={{ input: form.code ?? "" }}
      onChange={(event) => onChange(event.currentTarget.value, readJson(event.currentTarget.value))}
    />
  );
}

/** What a text says as JSON; undefined where it says nothing. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
