import { type ReactNode, useState } from "react";
import type { NameSeen } from "../../api/schema";
import { InlineSelect, InlineText } from "./Inline";
import { examplesOf, kindSeen } from "./names";
import { isFinished, kindOf, numberOf, TESTS, typedValue, valueFor } from "./tests";
import type { Test, ValueKind } from "./types";

const KINDS: Record<ValueKind, string> = { text: "text", number: "number", flag: "yes or no" };
const FLAGS = { true: "yes", false: "no" };
const DAY = /^\d{4}-\d{2}-\d{2}$/;

interface Props {
  test: Test;
  /** The tests that can be chosen. */
  tests: Test[];
  value: unknown;
  /** What is known of the values that it is compared with. */
  seen?: NameSeen | undefined;
  /** It is a total: a number, without "is", since the sentence has its own verb. */
  isTotal?: boolean;
  onChange(test: Test, value: unknown): void;
}

/** A test and what it compares with: "is at least 18". */
export function ValueInput({ test, tests, value, seen, isTotal = false, onChange }: Props) {
  const set = (changed: unknown) => onChange(test, changed);
  return (
    <>
      <InlineSelect
        label="Test"
        value={test}
        options={isTotal ? bare(tests) : grouped(tests)}
        onChange={(chosen) => onChange(chosen, startOf(chosen, valueFor(chosen, value), seen))}
      />
      <Value test={test} value={value} seen={seen} isTotal={isTotal} onChange={set} />
    </>
  );
}

interface ValueProps {
  test: Test;
  value: unknown;
  seen: NameSeen | undefined;
  isTotal: boolean;
  onChange(value: unknown): void;
}

function Value({ test, value, seen, isTotal, onChange }: ValueProps) {
  const isWrong = !isFinished(test, value);
  const number = (label: string, one: unknown, set: (value: unknown) => void) => (
    <InlineText
      label={label}
      type="number"
      value={String(one ?? "")}
      placeholder="0"
      isWrong={isWrong}
      onChange={(typed) => set(typedValue(typed, "number"))}
    />
  );
  switch (isTotal && TESTS[test].shape === "value" ? "number" : TESTS[test].shape) {
    case "none":
      return null;
    case "number":
      return number("Number", value, onChange);
    case "days":
      return (
        <>
          {number("Days", value, onChange)} {value === 1 ? "day" : "days"}
        </>
      );
    case "time":
      return <TimeInput label="Day" value={value} onChange={onChange} />;
    case "range":
      return <Range value={value} isTotal={isTotal} onChange={onChange} number={number} />;
    case "values":
      return <Values value={value} seen={seen} onChange={onChange} isWrong={isWrong} />;
    case "text":
      return (
        <InlineText
          label="Text"
          value={String(value ?? "")}
          placeholder="text"
          isWrong={isWrong}
          onChange={onChange}
        />
      );
    case "value":
      return <OneValue value={value} seen={seen} onChange={onChange} isWrong={isWrong} />;
  }
}

interface InputProps {
  value: unknown;
  seen: NameSeen | undefined;
  isWrong: boolean;
  onChange(value: unknown): void;
}

/** One value; its type can be chosen where it does not follow from what is known. */
function OneValue({ value, seen, isWrong, onChange }: InputProps) {
  const known = kindSeen(seen);
  // An empty value has no type of its own: the one that was chosen stays while it is typed anew.
  const [chosen, setChosen] = useState<ValueKind | null>(null);
  const kind = value === "" ? (chosen ?? known ?? "text") : kindOf(value);
  function choose(wanted: ValueKind) {
    setChosen(wanted);
    onChange(
      wanted === "number" ? (numberOf(String(value)) ?? "") : typedValue(String(value), wanted),
    );
  }
  return (
    <>
      {known === kind ? null : (
        <InlineSelect label="Type of the value" value={kind} options={KINDS} onChange={choose} />
      )}
      {kind === "flag" ? (
        <InlineSelect
          label="Value"
          value={value ? "true" : "false"}
          options={FLAGS}
          onChange={(one) => onChange(one === "true")}
        />
      ) : (
        <InlineText
          label="Value"
          value={String(value ?? "")}
          placeholder="value"
          type={kind === "number" ? "number" : "text"}
          suggestions={examplesOf(seen)}
          isWrong={isWrong}
          onChange={(typed) => onChange(typedValue(typed, kind))}
        />
      )}
    </>
  );
}

/** Several values, with commas between them; all of the type that is known, else text. */
function Values({ value, seen, isWrong, onChange }: InputProps) {
  const values: unknown[] = Array.isArray(value) ? value : [];
  const kind = kindSeen(seen) ?? (values.length > 0 ? kindOf(values[0]) : "text");
  return (
    <InlineText
      label="Values, with commas between them"
      value={values.join(", ")}
      placeholder="one, another"
      isWrong={isWrong}
      onChange={(typed) => onChange(split(typed).map((one) => typedValue(one, kind)))}
    />
  );
}

function TimeInput({
  label,
  value,
  onChange,
}: {
  label: string;
  value: unknown;
  onChange(value: string): void;
}) {
  const text = String(value ?? "");
  return (
    <InlineText
      label={label}
      type={text === "" || DAY.test(text) ? "date" : "text"}
      value={text}
      placeholder="2026-01-31"
      isWrong={text === ""}
      onChange={onChange}
    />
  );
}

interface RangeProps {
  value: unknown;
  isTotal: boolean;
  onChange(value: unknown): void;
  number(label: string, one: unknown, set: (value: unknown) => void): ReactNode;
}

/** Two numbers, or two days. */
function Range({ value, isTotal, onChange, number }: RangeProps) {
  const [low, high] = Array.isArray(value) ? value : ["", ""];
  const isOfDays = [low, high].some((one) => typeof one === "string" && one !== "");
  const first = (changed: unknown) => onChange([changed, high]);
  const last = (changed: unknown) => onChange([low, changed]);
  const today = new Date().toISOString().slice(0, 10);
  return (
    <>
      {isTotal ? null : (
        <InlineSelect
          label="Range of"
          value={isOfDays ? "days" : "numbers"}
          options={{ numbers: "the numbers", days: "the days" }}
          onChange={(chosen) => onChange(chosen === "days" ? [today, today] : ["", ""])}
        />
      )}
      {isOfDays ? (
        <TimeInput label="From" value={low} onChange={first} />
      ) : (
        number("From", low, first)
      )}
      and
      {isOfDays ? <TimeInput label="To" value={high} onChange={last} /> : number("To", high, last)}
    </>
  );
}

function split(typed: string): string[] {
  const parts = typed.split(",").map((one) => one.trimStart());
  return typed === "" ? [] : parts;
}

/** A value that was not set yet begins with the type that is known. */
function startOf(test: Test, value: unknown, seen: NameSeen | undefined): unknown {
  const isEmpty = value === "" && TESTS[test].shape === "value";
  return isEmpty && kindSeen(seen) === "flag" ? true : value;
}

function grouped(tests: Test[]) {
  const headings = [...new Set(tests.map((one) => TESTS[one].group))];
  return headings.map((heading) => ({
    heading,
    options: wordsOf(
      tests.filter((one) => TESTS[one].group === heading),
      (words) => words,
    ),
  }));
}

function bare(tests: Test[]) {
  return wordsOf(tests, (words) => (words === "is" ? "exactly" : words.replace(/^is /, "")));
}

function wordsOf(tests: Test[], say: (words: string) => string): Partial<Record<Test, string>> {
  return Object.fromEntries(tests.map((one) => [one, say(TESTS[one].words)]));
}
