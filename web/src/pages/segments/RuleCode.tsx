import { Textarea } from "@mantine/core";
import { Command } from "../../components/Command";
import form from "../../components/form.module.css";
import { Section } from "../../components/Section";

interface Props {
  code: string;
  /** What does the same on a command line. */
  command: string;
  /** `json` is undefined while what was typed is none. */
  onChange(code: string, json: unknown): void;
}

/** The rule as the API takes it, to be changed. */
export function RuleCode({ code, command, onChange }: Props) {
  return (
    <>
      <Textarea
        aria-label="The rule as code"
        autosize
        minRows={8}
        maxRows={30}
        value={code}
        error={readJson(code) === undefined ? "This is no JSON yet." : null}
        classNames={{ input: form.code ?? "" }}
        onChange={(event) =>
          onChange(event.currentTarget.value, readJson(event.currentTarget.value))
        }
      />
      <Section title="By the command line">
        <Command text={command} />
      </Section>
    </>
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
