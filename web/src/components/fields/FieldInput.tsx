import { Autocomplete, NativeSelect, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import type { Field } from "../../api/schema";
import form from "../form.module.css";
import { Words } from "../Words";
import { effectiveOf, isGiven, readInteger, shapeProblem, type Values } from "./fields";
import { JsonInput } from "./JsonInput";
import { PairsInput } from "./PairsInput";

export interface InputProps {
  field: Field;
  values: Values;
  problem: string | undefined;
  isDisabled: boolean;
  /** Null takes the value away, so that the declared one counts again. */
  onChange(value: unknown): void;
}

/** One setting that a connector declares, asked for as its kind wants it; secrets and live lists have inputs of their own. */
export function FieldInput({ field, values, problem, isDisabled, onChange }: InputProps) {
  const value = effectiveOf(field, values);
  const shared = {
    label: field.title,
    description: field.help ? <Words text={field.help} /> : null,
    error: problem ?? (shapeProblem(field, value) || null),
    required: field.required ?? false,
    disabled: isDisabled,
  };
  // What is typed can be emptied: the declared value stands behind it, and counts then.
  const typed = String(values[field.name] ?? "");
  const placeholder = isGiven(field.default) ? String(field.default) : "";
  switch (field.kind) {
    case "choice":
      return (
        <NativeSelect
          {...shared}
          data={[
            ...(isGiven(value) ? [] : [{ value: "", label: "Choose one" }]),
            ...(field.choices ?? []).map((one) => ({ value: one.value, label: one.title })),
          ]}
          value={String(value ?? "")}
          onChange={(event) => onChange(event.currentTarget.value || null)}
        />
      );
    case "boolean":
      return (
        <Switch
          {...shared}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "integer":
      return (
        <TextInput
          {...shared}
          inputMode="numeric"
          placeholder={placeholder || rangeOf(field)}
          value={typed}
          onChange={(event) => onChange(readInteger(event.currentTarget.value))}
        />
      );
    case "texts":
      return (
        <TagsInput
          {...shared}
          data={field.suggestions ?? []}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={onChange}
        />
      );
    case "template":
      return (
        <Textarea
          {...shared}
          classNames={{ input: form.code ?? "" }}
          autosize
          minRows={3}
          maxRows={16}
          placeholder={placeholder}
          value={typed}
          onChange={(event) => onChange(event.currentTarget.value || null)}
        />
      );
    case "pairs":
      return <PairsInput {...shared} value={value} onChange={onChange} />;
    case "object":
    case "objects":
      return <JsonInput {...shared} value={value} onChange={onChange} />;
    default:
      return (
        <Autocomplete
          {...shared}
          data={[...(field.suggestions ?? [])]}
          placeholder={placeholder}
          value={typed}
          onChange={(text) => onChange(text || null)}
        />
      );
  }
}

function rangeOf(field: Field): string {
  const { minimum, maximum } = field;
  return typeof minimum === "number" && typeof maximum === "number"
    ? `${minimum} to ${maximum}`
    : "";
}
