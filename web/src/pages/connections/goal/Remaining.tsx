import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import type { RowStrategy } from "../../../api/schema";
import { inLine } from "../../../components/value";
import classes from "./goal.module.css";
import { STRATEGIES } from "./strategies";

interface Item {
  name: string;
  /** A value, or a word, beside it. */
  about: unknown;
}

interface Props {
  title: string;
  items: readonly Item[];
  /** Whether each has a strategy. */
  hasStrategy?: boolean;
  onAdd(names: string[], prefix: string, strategy: RowStrategy): void;
}

/** A checklist of what no row names yet. */
export function Remaining({ title, items, hasStrategy = false, onAdd }: Props) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [prefix, setPrefix] = useState("");
  const [strategy, setStrategy] = useState<RowStrategy>("set");
  if (items.length === 0) return null;
  const names = items.map((one) => one.name).filter((name) => chosen.has(name));
  const isAll = names.length === items.length;
  return (
    <details className={classes.folded}>
      <summary>{title}</summary>
      <div className={classes.checklist}>
        <label className={classes.check}>
          <input
            type="checkbox"
            checked={isAll}
            onChange={() => setChosen(new Set(isAll ? [] : items.map((one) => one.name)))}
          />
          All of them
        </label>
        {items.map((one) => (
          <label key={one.name} className={classes.check}>
            <input
              type="checkbox"
              checked={chosen.has(one.name)}
              onChange={(event) =>
                setChosen(toggled(chosen, one.name, event.currentTarget.checked))
              }
            />
            {one.name} <span className={classes.dim}>{inLine(one.about)}</span>
          </label>
        ))}
      </div>
      <div className={classes.options}>
        <TextInput
          size="xs"
          label="Prefix of their names"
          value={prefix}
          onChange={(event) => setPrefix(event.currentTarget.value)}
        />
        {hasStrategy ? (
          <NativeSelect
            size="xs"
            label="What each does"
            data={STRATEGIES}
            value={strategy}
            onChange={(event) => setStrategy(event.currentTarget.value as RowStrategy)}
          />
        ) : null}
        <Button
          size="xs"
          variant="default"
          disabled={names.length === 0}
          onClick={() => {
            onAdd(names, prefix, strategy);
            setChosen(new Set());
          }}
        >
          Add {names.length} {names.length === 1 ? "field" : "fields"}
        </Button>
      </div>
    </details>
  );
}

function toggled(chosen: ReadonlySet<string>, name: string, isOn: boolean): ReadonlySet<string> {
  const next = new Set(chosen);
  if (isOn) next.add(name);
  else next.delete(name);
  return next;
}
