import { Button, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { IconButton } from "../../../components/IconButton";
import classes from "./try.module.css";
import type { Pair } from "./values";

interface Props {
  title: string;
  /** One of them, as a button says it: "identifier". */
  noun: string;
  example: string;
  pairs: Pair[];
  set(pairs: Pair[]): void;
}

/** Names and values to type, a row each. */
export function Pairs({ title, noun, example, pairs, set }: Props) {
  const change = (id: number, part: Partial<Pair>) =>
    set(pairs.map((one) => (one.id === id ? { ...one, ...part } : one)));
  const add = () => set([...pairs, { id: Date.now(), name: "", value: "" }]);
  return (
    <fieldset className={classes.pairs}>
      <legend>{title}</legend>
      {pairs.map((one, place) => (
        <div key={one.id} className={classes.pair}>
          <TextInput
            aria-label={`Name of ${noun} ${place + 1}`}
            placeholder={example}
            size="sm"
            value={one.name}
            onChange={(event) => change(one.id, { name: event.currentTarget.value })}
          />
          <TextInput
            aria-label={`Value of ${noun} ${place + 1}`}
            placeholder="value"
            size="sm"
            value={one.value}
            onChange={(event) => change(one.id, { value: event.currentTarget.value })}
          />
          <IconButton
            label={`Remove ${noun} ${place + 1}`}
            onClick={() => set(pairs.filter((other) => other.id !== one.id))}
          >
            <IconX size={16} />
          </IconButton>
        </div>
      ))}
      <Button variant="default" size="compact-sm" onClick={add}>
        Add {noun}
      </Button>
    </fieldset>
  );
}
