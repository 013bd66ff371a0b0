import { NativeSelect, Switch, Textarea } from "@mantine/core";
import type { Field } from "../../../api/schema";
import formClasses from "../../../components/form.module.css";
import { JsonInput } from "../../../components/JsonInput";
import { Suggested } from "../../../components/Suggested";
import { TextsInput } from "../../../components/TextsInput";
import { WholeInput } from "../../../components/WholeInput";

interface Props {
  field: Field;
  /** Undefined: as it is by default. */
  value: unknown;
  error: string | null;
  onChange(value: unknown): void;
}

/** A setting that a connector declares, asked for as its kind wants. */
export function Setting({ field, value, error, onChange }: Props) {
  const given = value ?? field.default;
  const about = {
    label: field.title,
    description: field.help || null,
    error,
    withAsterisk: field.required,
  };
  switch (field.kind ?? "text") {
    case "choice":
      return (
        <NativeSelect
          {...about}
          data={choicesOf(field)}
          value={textOf(given)}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      );
    case "boolean":
      return (
        <Switch
          {...about}
          checked={given === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "integer":
      return (
        <WholeInput
          {...about}
          min={field.minimum}
          max={field.maximum}
          value={typeof given === "number" ? given : null}
          onChange={(number) => onChange(number ?? undefined)}
        />
      );
    case "texts":
      return (
        <TextsInput
          {...about}
          placeholder={field.suggestions.join(", ")}
          value={Array.isArray(given) ? given.map(String) : []}
          onChange={onChange}
        />
      );
    case "template":
      return (
        <Textarea
          {...about}
          classNames={{ input: formClasses.code ?? "" }}
          autosize
          maxRows={16}
          spellCheck={false}
          value={textOf(given)}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      );
    case "pairs":
    case "objects":
    case "object":
      return <JsonInput {...about} value={given ?? {}} onChange={onChange} />;
    default:
      return (
        <Suggested
          {...about}
          suggestions={field.suggestions}
          value={textOf(given)}
          onChange={(text) => onChange(text || undefined)}
        />
      );
  }
}

function choicesOf(field: Field) {
  const known = field.choices.map((one) => ({ value: one.value, label: one.title }));
  const hasNone = field.default === undefined || field.default === null;
  return hasNone ? [{ value: "", label: "Choose…" }, ...known] : known;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
