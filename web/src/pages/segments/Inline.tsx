import { type ReactNode, useId } from "react";
import classes from "./builder.module.css";

interface SelectProps<T extends string> {
  /** What is chosen, for who does not see where it stands. */
  label: string;
  value: T;
  /** Value -> words; by heading where there are many. */
  options: Partial<Record<T, string>> | { heading: string; options: Partial<Record<T, string>> }[];
  onChange(value: T): void;
}

/** A word of a sentence that can be changed for another. */
export function InlineSelect<T extends string>(props: SelectProps<T>) {
  const { label, value, options, onChange } = props;
  return (
    <select
      className={classes.select}
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as T)}
    >
      {Array.isArray(options)
        ? options.map((one) => (
            <optgroup key={one.heading} label={one.heading}>
              {optionsOf(one.options)}
            </optgroup>
          ))
        : optionsOf(options)}
    </select>
  );
}

function optionsOf(options: Partial<Record<string, string>>): ReactNode {
  return Object.entries(options).map(([value, words]) => (
    <option key={value} value={value}>
      {words}
    </option>
  ));
}

interface TextProps {
  label: string;
  value: string;
  placeholder: string;
  type?: "text" | "date" | "number";
  /** What is known already; anything else may be typed, too. */
  suggestions?: string[];
  /** Whether what stands there cannot be used. */
  isWrong?: boolean;
  onChange(value: string): void;
}

/** A word of a sentence that can be typed. */
export function InlineText(props: TextProps) {
  const { label, value, placeholder, type = "text", suggestions = [], isWrong, onChange } = props;
  const id = useId();
  return (
    <>
      <input
        className={classes.text}
        aria-label={label}
        aria-invalid={isWrong || undefined}
        type={type}
        step={type === "number" ? "any" : undefined}
        value={value}
        placeholder={placeholder}
        list={suggestions.length > 0 ? id : undefined}
        onChange={(event) => onChange(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
      />
      {suggestions.length > 0 ? (
        <datalist id={id}>
          {suggestions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      ) : null}
    </>
  );
}
