import { NativeSelect, TextInput } from "@mantine/core";
import { Suggested } from "../../../components/Suggested";
import { WholeInput } from "../../../components/WholeInput";
import { SegmentNames } from "./SegmentNames";
import type { Source, SourceKind, SourceOf } from "./sources";
import type { Names } from "./useNames";

interface Props<K extends SourceKind = SourceKind> {
  names: Names;
  source: SourceOf<K>;
  row: string;
  error: string | null;
  onChange(source: Source): void;
}

/** What else must be said of a source, by its kind. */
export function SourceDetail(props: Props) {
  const { source, names, row, error, onChange } = props;
  const text = { size: "xs", error } as const;
  switch (source.kind) {
    case "trait":
      return (
        <Suggested
          {...text}
          aria-label={`Trait, ${row}`}
          placeholder="Trait"
          suggestions={names.traits}
          value={source.trait}
          onChange={(trait) => onChange({ ...source, trait })}
        />
      );
    case "identifier":
      return (
        <Suggested
          {...text}
          aria-label={`Kind of identifier, ${row}`}
          placeholder="Kind of identifier"
          suggestions={names.identifiers}
          value={source.identifier}
          onChange={(identifier) => onChange({ ...source, identifier })}
        />
      );
    case "consent":
      return (
        <Suggested
          {...text}
          aria-label={`Purpose, ${row}`}
          placeholder="Purpose"
          suggestions={names.purposes}
          value={source.purpose}
          onChange={(purpose) => onChange({ ...source, purpose })}
        />
      );
    case "segment":
      return (
        <NativeSelect
          {...text}
          aria-label={`Segment, ${row}`}
          data={[
            { value: "0", label: "Choose…" },
            ...names.segments.map((one) => ({ value: String(one.id), label: one.name })),
          ]}
          value={String(source.segment_id)}
          onChange={(event) =>
            onChange({ ...source, segment_id: Number(event.currentTarget.value) })
          }
        />
      );
    case "segments":
      return (
        <SegmentNames
          segments={names.segments}
          chosen={source.segment_ids ?? []}
          row={row}
          onChange={(segment_ids) => onChange({ ...source, segment_ids })}
        />
      );
    case "seen":
      return (
        <NativeSelect
          {...text}
          aria-label={`Which time, ${row}`}
          data={[
            { value: "first", label: "First seen" },
            { value: "last", label: "Last seen" },
          ]}
          value={source.which}
          onChange={(event) =>
            onChange({ ...source, which: event.currentTarget.value as "first" | "last" })
          }
        />
      );
    case "text":
      return (
        <TextInput
          {...text}
          aria-label={`Text, ${row}`}
          placeholder="The same for everyone"
          value={source.text}
          onChange={(event) => onChange({ ...source, text: event.currentTarget.value })}
        />
      );
    case "template":
      return (
        <TextInput
          {...text}
          aria-label={`Template, ${row}`}
          placeholder="{{ traits.first }} {{ traits.last }}"
          value={source.template}
          onChange={(event) => onChange({ ...source, template: event.currentTarget.value })}
        />
      );
    case "counter":
      return <CounterDetail {...props} source={source} />;
    case "interaction":
      return <InteractionDetail {...props} source={source} />;
    case "interactions":
      return <InteractionsDetail {...props} source={source} />;
  }
}

function CounterDetail({ source, names, row, error, onChange }: Props<"counter">) {
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label={`Measure, ${row}`}
        data={[
          { value: "count", label: "How often" },
          { value: "revenue", label: "Revenue of" },
        ]}
        value={source.measure}
        onChange={(event) =>
          onChange({ ...source, measure: event.currentTarget.value as "count" | "revenue" })
        }
      />
      <Suggested
        size="xs"
        error={error}
        aria-label={`Event, ${row}`}
        placeholder="Event"
        suggestions={names.events}
        value={source.event}
        onChange={(event) => onChange({ ...source, event })}
      />
      {source.measure === "revenue" ? (
        <TextInput
          size="xs"
          aria-label={`Currency, ${row}`}
          placeholder="Currency, such as EUR"
          maxLength={3}
          value={source.currency}
          onChange={(event) =>
            onChange({ ...source, currency: event.currentTarget.value.toUpperCase() })
          }
        />
      ) : null}
      <Days days={source.days} row={row} onChange={(days) => onChange({ ...source, days })} />
    </>
  );
}

function InteractionDetail({ source, names, row, error, onChange }: Props<"interaction">) {
  const isByName = source.name !== "";
  return (
    <>
      <Suggested
        size="xs"
        error={error}
        aria-label={`Message, ${row}`}
        placeholder="Id of the message"
        suggestions={names.interactions.map((one) => ({ value: one.id, label: one.name }))}
        value={source.interaction_id}
        disabled={isByName}
        onChange={(interaction_id) => onChange({ ...source, interaction_id })}
      />
      <Suggested
        size="xs"
        aria-label={`Name of the message, ${row}`}
        placeholder="or its name"
        suggestions={names.interactions.map((one) => one.name)}
        value={source.name}
        disabled={source.interaction_id !== ""}
        onChange={(name) => onChange({ ...source, name })}
      />
      <Channel {...{ source, names, row, onChange }} />
      <Days days={source.days} row={row} onChange={(days) => onChange({ ...source, days })} />
    </>
  );
}

function InteractionsDetail({ source, names, row, onChange }: Props<"interactions">) {
  return (
    <>
      <Channel {...{ source, names, row, onChange }} />
      <NativeSelect
        size="xs"
        aria-label={`What stands for each, ${row}`}
        data={[
          { value: "names", label: "Their names" },
          { value: "ids", label: "Their ids" },
        ]}
        value={source.what}
        onChange={(event) =>
          onChange({ ...source, what: event.currentTarget.value as "names" | "ids" })
        }
      />
      <WholeInput
        size="xs"
        aria-label={`At most, ${row}`}
        leftSection="≤"
        min={1}
        max={500}
        value={source.limit}
        onChange={(limit) => onChange({ ...source, limit: limit ?? 25 })}
      />
      <Days days={source.days} row={row} onChange={(days) => onChange({ ...source, days })} />
    </>
  );
}

interface ChannelProps {
  source: SourceOf<"interaction" | "interactions">;
  names: Names;
  row: string;
  onChange(source: Source): void;
}

function Channel({ source, names, row, onChange }: ChannelProps) {
  return (
    <Suggested
      size="xs"
      aria-label={`Channel, ${row}`}
      placeholder="Every channel"
      suggestions={names.channels}
      value={source.channel}
      onChange={(channel) => onChange({ ...source, channel })}
    />
  );
}

interface DaysProps {
  days: number;
  row: string;
  onChange(days: number): void;
}

function Days({ days, row, onChange }: DaysProps) {
  return (
    <WholeInput
      size="xs"
      aria-label={`In the last so many days, ${row}`}
      placeholder="Days; ever"
      min={0}
      value={days || null}
      onChange={(number) => onChange(number ?? 0)}
    />
  );
}
