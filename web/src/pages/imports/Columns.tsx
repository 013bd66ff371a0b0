import { NativeSelect, TextInput } from "@mantine/core";
import type { ColumnUse, ImportPreviewView } from "../../api/schema";
import { useMay } from "../../api/useMe";
import { type Column, DataTable } from "../../components/DataTable";
import { formatExact } from "../../components/format";
import { inLine, MASK } from "../../components/value";
import classes from "./imports.module.css";
import { changeColumn, isEventFile, type Uses } from "./uses";

const TYPES = [
  { value: "as_is", label: "As it is" },
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "boolean", label: "Yes or no" },
  { value: "time", label: "Time" },
];

type Seen = ImportPreviewView["columns"][number];

interface Props {
  preview: ImportPreviewView;
  uses: Uses;
  set(uses: Uses): void;
}

/** Every column with its first values, and what it is. */
export function Columns({ preview, uses, set }: Props) {
  const maySee = useMay("personal");
  const useOf = new Map(uses.columns.map((one) => [one.name, one]));
  const change = (name: string, part: Partial<ColumnUse>) => set(changeColumn(uses, name, part));
  const roles = rolesOf(isEventFile(uses));
  const fullest = Math.max(0, ...preview.columns.map((one) => one.filled));
  const columns: Column<Seen>[] = [
    {
      name: "Column",
      show: (one) => (
        <>
          <strong>{one.name}</strong>
          <span className={classes.hint}>
            {one.filled < fullest ? `filled in ${formatExact(one.filled)} rows` : null}
          </span>
        </>
      ),
    },
    {
      name: "First values",
      show: (one) => (
        <span className={classes.values}>
          {maySee ? one.examples.map(inLine).join(", ") || "–" : MASK}
        </span>
      ),
      isExtra: true,
    },
    {
      name: "Is",
      show: (one) => (
        <NativeSelect
          aria-label={`What ${one.name} is`}
          size="xs"
          data={roles}
          value={useOf.get(one.name)?.role ?? "ignore"}
          onChange={(event) =>
            change(one.name, { role: event.currentTarget.value as ColumnUse["role"] })
          }
        />
      ),
    },
    {
      name: "Called",
      show: (one) => (
        <Target
          use={useOf.get(one.name)}
          name={one.name}
          set={(target) => change(one.name, { target })}
        />
      ),
    },
    {
      name: "As",
      show: (one) => {
        const use = useOf.get(one.name);
        return use?.role === "trait" || use?.role === "property" ? (
          <NativeSelect
            aria-label={`Type of ${one.name}`}
            size="xs"
            data={TYPES}
            value={use.type}
            onChange={(event) =>
              change(one.name, { type: event.currentTarget.value as ColumnUse["type"] })
            }
          />
        ) : null;
      },
      isExtra: true,
    },
  ];
  return <DataTable columns={columns} rows={preview.columns} keyOf={(one) => one.name} />;
}

interface TargetProps {
  use: ColumnUse | undefined;
  name: string;
  set(target: string): void;
}

function Target({ use, name, set }: TargetProps) {
  if (!use || ["ignore", "time", "event"].includes(use.role)) return null;
  return (
    <>
      <TextInput
        aria-label={`What ${name} is called`}
        size="xs"
        value={use.target}
        {...(use.role === "identifier" ? { list: "identifier-kinds" } : {})}
        error={use.target.trim() ? null : "Give it a name."}
        onChange={(event) => set(event.currentTarget.value)}
      />
      {use.role === "identifier" ? (
        <datalist id="identifier-kinds">
          {["user_id", "email", "phone", "anonymous_id"].map((kind) => (
            <option key={kind} value={kind} />
          ))}
        </datalist>
      ) : null}
    </>
  );
}

function rolesOf(isEvent: boolean) {
  return [
    { value: "identifier", label: "Identifier" },
    { value: "trait", label: "Trait" },
    ...(isEvent
      ? [
          { value: "property", label: "Property" },
          { value: "event", label: "Event name" },
        ]
      : []),
    { value: "time", label: "Time" },
    { value: "consent", label: "Consent" },
    { value: "ignore", label: "Left out" },
  ];
}
