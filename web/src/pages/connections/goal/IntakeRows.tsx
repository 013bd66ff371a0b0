import { Button, NativeSelect, Switch, TextInput } from "@mantine/core";
import { IconArrowRight, IconX } from "@tabler/icons-react";
import type { Intake, IntakeRow, RowStrategy } from "../../../api/schema";
import { IconButton } from "../../../components/IconButton";
import { OrderedList } from "../../../components/OrderedList";
import { moved, replaced, without } from "../../../components/ordered";
import { Suggested } from "../../../components/Suggested";
import type { Editing } from "./editing";
import classes from "./goal.module.css";
import { problemAt } from "./problems";
import { Remaining } from "./Remaining";
import { STRATEGIES } from "./strategies";
import { Transforms } from "./Transforms";
import { useOffered } from "./useOffered";

/** Which field that comes in fills which trait, and how. */
export function IntakeRows({ editing, intake }: { editing: Editing; intake: Intake }) {
  const { draft, change, names, problems } = editing;
  const offered = useOffered(editing.path);
  const rows = intake.rows ?? [];
  const put = (changed: Partial<Intake>) => change({ ...draft, intake: { ...intake, ...changed } });
  const set = (changed: IntakeRow[]) => put({ rows: changed });
  const used = new Set([...rows, ...intake.identifiers].map((one) => one.field));
  const left = offered.fields.filter((one) => !used.has(one.name));
  return (
    <>
      <OrderedList
        className={classes.rows}
        items={rows}
        nameOf={(_, place) => `row ${place + 1}`}
        onMove={(from, to) => set(moved(rows, from, to))}
      >
        {(row, place) => {
          const name = `row ${place + 1}`;
          const change = (changed: IntakeRow) => set(replaced(rows, place, changed));
          return (
            <div className={classes.row}>
              <div className={classes.filled}>
                <Suggested
                  size="xs"
                  className={classes.target}
                  aria-label={`Field there, ${name}`}
                  placeholder="Field there"
                  suggestions={offered.fields.map((one) => ({
                    value: one.name,
                    label: one.title,
                  }))}
                  value={row.field}
                  error={problemAt(problems, `intake.rows.${place}.field`)}
                  onChange={(field) =>
                    change({ ...row, field, trait: row.trait === row.field ? field : row.trait })
                  }
                />
                <IconArrowRight className={classes.arrow} size={16} aria-label="fills" />
                <Suggested
                  size="xs"
                  className={classes.target}
                  aria-label={`Trait, ${name}`}
                  placeholder="Trait"
                  suggestions={names.traits}
                  value={row.trait}
                  error={problemAt(problems, `intake.rows.${place}.trait`)}
                  onChange={(trait) => change({ ...row, trait })}
                />
                <NativeSelect
                  size="xs"
                  className={classes.target}
                  aria-label={`Strategy, ${name}`}
                  data={STRATEGIES}
                  value={row.strategy ?? "set"}
                  error={problemAt(problems, `intake.rows.${place}.strategy`)}
                  onChange={(event) =>
                    change({ ...row, strategy: event.currentTarget.value as RowStrategy })
                  }
                />
                <IconButton label={`Remove ${name}`} onClick={() => set(without(rows, place))}>
                  <IconX size={16} stroke={1.6} />
                </IconButton>
              </div>
              <Transforms
                transforms={row.transforms ?? []}
                name={name}
                error={problemAt(problems, `intake.rows.${place}.transforms`)}
                onChange={(transforms) => change({ ...row, transforms })}
              />
            </div>
          );
        }}
      </OrderedList>
      <div className={classes.buttons}>
        <Button
          variant="default"
          size="xs"
          onClick={() => set([...rows, { field: "", trait: "", strategy: "set", transforms: [] }])}
        >
          Add field
        </Button>
      </div>
      {offered.error ? <p className={classes.dim}>{offered.error}</p> : null}
      <Remaining
        title={`Add remaining fields (${left.length})`}
        items={left.map((one) => ({ name: one.name, about: one.title }))}
        hasStrategy
        onAdd={(chosen, prefix, strategy) =>
          set([
            ...rows.filter((row) => row.field !== ""),
            ...chosen.map((field) => ({
              field,
              trait: `${prefix}${field}`,
              strategy,
              transforms: [],
            })),
          ])
        }
      />
      <EveryOther intake={intake} onChange={put} />
    </>
  );
}

interface EveryOtherProps {
  intake: Intake;
  onChange(changed: Partial<Intake>): void;
}

/** What becomes of fields without a row, also of those to come. */
function EveryOther({ intake, onChange }: EveryOtherProps) {
  const rest = intake.remaining ?? null;
  return (
    <>
      <Switch
        label="Bring in every other field, too"
        description="As a trait of the same name, behind a prefix; also fields that come later."
        checked={rest !== null}
        onChange={(event) =>
          onChange({
            remaining: event.currentTarget.checked ? { strategy: "set", prefix: "" } : null,
          })
        }
      />
      {rest ? (
        <div className={classes.options}>
          <TextInput
            size="xs"
            label="Prefix of every other field"
            value={rest.prefix}
            onChange={(event) =>
              onChange({ remaining: { ...rest, prefix: event.currentTarget.value } })
            }
          />
          <NativeSelect
            size="xs"
            label="What every other field does"
            data={STRATEGIES}
            value={rest.strategy ?? "set"}
            onChange={(event) =>
              onChange({
                remaining: { ...rest, strategy: event.currentTarget.value as RowStrategy },
              })
            }
          />
        </div>
      ) : null}
    </>
  );
}
