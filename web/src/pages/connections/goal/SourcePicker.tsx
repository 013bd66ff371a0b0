import { NativeSelect } from "@mantine/core";
import type { Editing } from "./editing";
import { SourceDetail } from "./SourceDetail";
import { SOURCE_CHOICES, SOURCES, type Source, type SourceKind } from "./sources";

interface Props {
  editing: Editing;
  source: Source;
  /** "row 2": for whoever hears it. */
  row: string;
  error: string | null;
  onChange(source: Source): void;
}

/** Which value of a profile: its kind, and what else must be said of it. */
export function SourcePicker({ editing, source, row, error, onChange }: Props) {
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label={`Kind of value, ${row}`}
        data={SOURCE_CHOICES}
        value={source.kind}
        onChange={(event) => onChange(SOURCES[event.currentTarget.value as SourceKind].start)}
      />
      <SourceDetail
        names={editing.names}
        source={source}
        row={row}
        error={error}
        onChange={onChange}
      />
    </>
  );
}
