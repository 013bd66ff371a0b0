import { Button } from "@mantine/core";
import type { GoalRowView, Mapping } from "../../../api/schema";
import { OrderedList } from "../../../components/OrderedList";
import { moved, replaced, without } from "../../../components/ordered";
import type { Editing } from "./editing";
import classes from "./goal.module.css";
import { MappingRow } from "./MappingRow";
import { problemAt } from "./problems";
import { Remaining } from "./Remaining";
import { fieldFor } from "./sources";
import { useOffered } from "./useOffered";

const ROWS_MAX = 200;

/** Which value of a person fills which field of the destination, with both values for a real person. */
export function MappingRows({ editing }: { editing: Editing }) {
  const { draft, change, problems, kind, look, profile } = editing;
  const offered = useOffered(editing.path);
  const rows = draft.mappings;
  const set = (mappings: Mapping[]) => change({ ...draft, mappings });
  const used = new Set(rows.map((row) => fieldFor(row.source)).filter((name) => name !== ""));
  const left = Object.entries(profile?.traits ?? {}).filter(([name]) => !used.has(name));
  return (
    <>
      <OrderedList
        className={classes.rows}
        items={rows}
        nameOf={(_, place) => `row ${place + 1}`}
        onMove={(from, to) => set(moved(rows, from, to))}
      >
        {(row, place) => (
          <MappingRow
            editing={editing}
            row={row}
            place={place}
            offered={offered}
            value={rowValue(look?.rows, rows, place)}
            onChange={(changed) => set(replaced(rows, place, changed))}
            onRemove={() => set(without(rows, place))}
          />
        )}
      </OrderedList>
      <p role="alert" className={classes.error}>
        {rows.length === 0 ? problemAt(problems, "mappings") : null}
      </p>
      <div className={classes.buttons}>
        <Button
          variant="default"
          size="xs"
          disabled={rows.length >= ROWS_MAX}
          onClick={() => set([...rows, { source: { kind: "trait", trait: "" }, field: "" }])}
        >
          Add field
        </Button>
      </div>
      {kind.custom_targets ? (
        <Remaining
          title={profile ? `Add remaining traits of this person (${left.length})` : ""}
          items={left.map(([name, value]) => ({ name, about: value }))}
          onAdd={(names, prefix) =>
            set([
              ...rows.filter((row) => row.field !== "" || fieldFor(row.source) !== ""),
              ...names.map(
                (name): Mapping => ({
                  source: { kind: "trait", trait: name },
                  field: `${prefix}${name}`,
                }),
              ),
            ])
          }
        />
      ) : null}
    </>
  );
}

/** The look is a moment older than the rows: only a row that still fills the same field has its values. */
function rowValue(
  values: readonly GoalRowView[] | undefined,
  rows: readonly Mapping[],
  place: number,
): GoalRowView | undefined {
  const found = values?.[place];
  return found && found.field === rows[place]?.field ? found : undefined;
}
