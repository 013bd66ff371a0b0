import { Button, NativeSelect, TextInput } from "@mantine/core";
import type { SourceView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { SavedViews } from "../../components/views/SavedViews";
import classes from "./events.module.css";
import { OUTCOMES } from "./outcome";

const TYPES = ["track", "identify", "page", "screen", "group", "alias", "import"];

interface Props {
  query: Record<string, string>;
  set(change: Record<string, string>): void;
  maySee: boolean;
}

/** Which events: all of it stands in the address. */
export function Filters({ query, set, maySee }: Props) {
  const sources = useListing<SourceView>("/api/v1/sources", {}, { on: ["config"] });
  return (
    <div className={classes.filters}>
      <NativeSelect
        label="Source"
        size="sm"
        value={query.source ?? ""}
        data={[
          { value: "", label: "All sources" },
          ...(sources.data ?? []).map((one) => ({ value: one.name, label: one.name })),
        ]}
        onChange={(event) => set({ source: event.currentTarget.value })}
      />
      <NativeSelect
        label="Type"
        size="sm"
        value={query.type ?? ""}
        data={[{ value: "", label: "All types" }, ...TYPES]}
        onChange={(event) => set({ type: event.currentTarget.value })}
      />
      <NativeSelect
        label="Outcome"
        size="sm"
        value={query.outcome ?? ""}
        data={OUTCOMES}
        onChange={(event) => set({ outcome: event.currentTarget.value })}
      />
      <Typed
        label="Name"
        placeholder="A part of it"
        value={query.name ?? ""}
        set={(name) => set({ name })}
      />
      {maySee ? (
        <Typed
          label="Person"
          placeholder="E-mail, user id, …"
          value={query.identifier ?? ""}
          set={(identifier) => set({ identifier })}
        />
      ) : null}
      {query.profile ? (
        <Button variant="default" size="sm" onClick={() => set({ profile: "" })}>
          Person {query.profile} ×
        </Button>
      ) : null}
      <SavedViews of="events" filters={query} />
    </div>
  );
}

interface TypedProps {
  label: string;
  placeholder: string;
  value: string;
  set(value: string): void;
}

/** The address has it at once: what is written there later would take somebody back who has gone on. */
function Typed({ label, placeholder, value, set }: TypedProps) {
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      size="sm"
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}
