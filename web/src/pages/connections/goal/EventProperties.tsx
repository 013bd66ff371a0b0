import { Button, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { IconButton } from "../../../components/IconButton";
import { replaced, without } from "../../../components/ordered";
import classes from "./goal.module.css";

type Properties = Record<string, string | null>;
type Pair = [string, string | null];

interface Props {
  properties: Properties;
  name: string;
  error: string | null;
  onChange(properties: Properties): void;
}

/** Properties that go under another name, or not at all. */
export function EventProperties({ properties, name, error, onChange }: Props) {
  const pairs = Object.entries(properties);
  const set = (changed: Pair[]) => onChange(Object.fromEntries(changed));
  return (
    <div className={classes.pairs}>
      {pairs.map(([ours, theirs], place) => {
        const which = `property ${place + 1} of ${name}`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a property is known by its place while its name is typed
          <div key={place} className={classes.filled}>
            <TextInput
              size="xs"
              className={classes.target}
              aria-label={`Our name, ${which}`}
              placeholder="Property"
              value={ours}
              onChange={(event) => set(replaced(pairs, place, [event.currentTarget.value, theirs]))}
            />
            <span className={classes.dim}>as</span>
            <TextInput
              size="xs"
              className={classes.target}
              aria-label={`Name there, ${which}`}
              placeholder="left out"
              value={theirs ?? ""}
              onChange={(event) =>
                set(replaced(pairs, place, [ours, event.currentTarget.value || null]))
              }
            />
            <IconButton label={`Remove ${which}`} onClick={() => set(without(pairs, place))}>
              <IconX size={16} stroke={1.6} />
            </IconButton>
          </div>
        );
      })}
      {error ? (
        <p role="alert" className={classes.error}>
          {error}
        </p>
      ) : null}
      <Button
        variant="subtle"
        size="compact-xs"
        aria-label={`Add property to ${name}`}
        disabled={"" in properties}
        onClick={() => set([...pairs, ["", null]])}
      >
        Add property
      </Button>
    </div>
  );
}
