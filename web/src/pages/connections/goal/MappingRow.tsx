import { IconArrowRight, IconX } from "@tabler/icons-react";
import type { GoalKind, GoalRowView, Mapping } from "../../../api/schema";
import { IconButton } from "../../../components/IconButton";
import { Suggested } from "../../../components/Suggested";
import type { Editing } from "./editing";
import classes from "./goal.module.css";
import { problemAt } from "./problems";
import { RowOptions } from "./RowOptions";
import { RowValue } from "./RowValue";
import { SourcePicker } from "./SourcePicker";
import { fieldFor, type Source } from "./sources";
import type { Offered } from "./useOffered";

interface Props {
  editing: Editing;
  row: Mapping;
  place: number;
  offered: Offered;
  value: GoalRowView | undefined;
  onChange(row: Mapping): void;
  onRemove(): void;
}

export function MappingRow({ editing, row, place, offered, value, onChange, onRemove }: Props) {
  const { kind, problems, draft } = editing;
  const name = `row ${place + 1}`;
  const path = `mappings.${place}`;
  return (
    <div className={classes.row}>
      <div className={classes.filled}>
        <div className={classes.source}>
          <SourcePicker
            editing={editing}
            source={row.source}
            row={name}
            error={problemAt(problems, `${path}.source`)}
            onChange={(source) => onChange({ ...row, source, field: following(row, source, kind) })}
          />
        </div>
        <IconArrowRight className={classes.arrow} size={16} stroke={1.6} aria-label="fills" />
        <Suggested
          size="xs"
          className={classes.target}
          aria-label={`Field, ${name}`}
          placeholder="Field there"
          suggestions={choicesOf(kind, offered)}
          value={row.field}
          error={problemAt(problems, `${path}.field`)}
          onChange={(field) => onChange({ ...row, field })}
        />
        <IconButton label={`Remove ${name}`} onClick={onRemove}>
          <IconX size={16} stroke={1.6} />
        </IconButton>
      </div>
      <div className={classes.about}>
        <RowValue value={value} />
        <span className={classes.dim}>{aboutField(row.field, kind, offered)}</span>
        <RowOptions row={row} name={name} isSegment={draft.segment_id !== 0} onChange={onChange} />
      </div>
    </div>
  );
}

/** A field that has no name of its own yet is called as what fills it. */
function following(row: Mapping, source: Source, kind: GoalKind): string {
  const isOwn = row.field !== "" && row.field !== fieldFor(row.source);
  if (isOwn || !kind.custom_targets) return row.field;
  return fieldFor(source);
}

function choicesOf(kind: GoalKind, offered: Offered) {
  const known = kind.targets.map((one) => ({ value: one.name, label: one.title }));
  if (!kind.custom_targets) return known;
  const names = new Set(known.map((one) => one.value));
  const others = offered.fields.filter((one) => !names.has(one.name));
  return [
    ...known,
    ...others.map((one) => ({ value: one.name, label: `${one.title}, ${one.type}` })),
  ];
}

/** What the destination says of a field: its own, known with a type, or new. */
function aboutField(field: string, kind: GoalKind, offered: Offered): string {
  if (field === "") return "";
  const target = kind.targets.find((one) => one.name === field);
  if (target) return [target.title, target.help].filter(Boolean).join(": ");
  const known = offered.fields.find((one) => one.name === field);
  if (known)
    return known.type && known.type !== "auto" ? `Known there: ${known.type}` : "Known there";
  return offered.isKnown ? "New there" : "";
}
