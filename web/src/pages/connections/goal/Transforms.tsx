import { NativeSelect, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { IconButton } from "../../../components/IconButton";
import { replaced, without } from "../../../components/ordered";
import classes from "./goal.module.css";
import { typedValue } from "./RowOptions";
import { TRANSFORMS, type Transform, type TransformKind } from "./strategies";

interface Props {
  transforms: readonly Transform[];
  name: string;
  error: string | null;
  onChange(transforms: Transform[]): void;
}

/** What is done to a value before it is kept, one after the other. */
export function Transforms({ transforms, name, error, onChange }: Props) {
  const titles = transforms.map((one) => TRANSFORMS[one.kind].title.toLowerCase());
  return (
    <details className={classes.folded}>
      <summary aria-label={`Changes of the value, ${name}`}>
        {titles.length > 0 ? `Changed: ${titles.join(", ")}` : "Change the value"}
      </summary>
      <div className={classes.pairs}>
        {transforms.map((one, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a change of the value is known by its place
          <div key={place} className={classes.filled}>
            <span className={classes.target}>{TRANSFORMS[one.kind].title}</span>
            <Parameters
              transform={one}
              name={`${name}, change ${place + 1}`}
              onChange={(changed) => onChange(replaced(transforms, place, changed))}
            />
            <IconButton
              label={`Remove change ${place + 1} of ${name}`}
              onClick={() => onChange(without(transforms, place))}
            >
              <IconX size={16} stroke={1.6} />
            </IconButton>
          </div>
        ))}
        <NativeSelect
          size="xs"
          className={classes.target}
          aria-label={`Add a change, ${name}`}
          error={error}
          data={[
            { value: "", label: "Add a change…" },
            ...Object.entries(TRANSFORMS).map(([value, one]) => ({ value, label: one.title })),
          ]}
          value=""
          onChange={(event) => {
            const kind = event.currentTarget.value as TransformKind | "";
            if (kind) onChange([...transforms, TRANSFORMS[kind].start]);
          }}
        />
      </div>
    </details>
  );
}

interface ParametersProps {
  transform: Transform;
  name: string;
  onChange(transform: Transform): void;
}

function Parameters({ transform, name, onChange }: ParametersProps) {
  const input = { size: "xs", className: classes.target } as const;
  switch (transform.kind) {
    case "date":
      return (
        <>
          <TextInput
            {...input}
            aria-label={`Form of the date, ${name}`}
            value={transform.format}
            onChange={(event) => onChange({ ...transform, format: event.currentTarget.value })}
          />
          <TextInput
            {...input}
            aria-label={`Time zone, ${name}`}
            value={transform.zone}
            onChange={(event) => onChange({ ...transform, zone: event.currentTarget.value })}
          />
        </>
      );
    case "split":
      return (
        <TextInput
          {...input}
          aria-label={`Between the parts, ${name}`}
          value={transform.separator}
          onChange={(event) => onChange({ ...transform, separator: event.currentTarget.value })}
        />
      );
    case "constant":
      return (
        <TextInput
          {...input}
          aria-label={`Value, ${name}`}
          value={String(transform.value)}
          onChange={(event) =>
            onChange({ ...transform, value: typedValue(event.currentTarget.value) })
          }
        />
      );
    case "template":
      return (
        <TextInput
          {...input}
          aria-label={`Template, ${name}`}
          value={transform.template}
          onChange={(event) => onChange({ ...transform, template: event.currentTarget.value })}
        />
      );
    default:
      return null;
  }
}
