import { Button, NativeSelect, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { MatchKey } from "../../../api/schema";
import { IconButton } from "../../../components/IconButton";
import { OrderedList } from "../../../components/OrderedList";
import { moved, replaced, without } from "../../../components/ordered";
import { Suggested } from "../../../components/Suggested";
import type { Editing } from "./editing";
import classes from "./goal.module.css";
import { problemAt } from "./problems";

/** How the destination finds people: keys that are tried in order. */
export function Match({ editing }: { editing: Editing }) {
  const { draft, change, kind, names, problems } = editing;
  const keys = draft.match;
  const set = (match: MatchKey[]) => change({ ...draft, match });
  const targets = kind.match.map((one) => ({ value: one.name, label: one.title }));
  const unused = kind.match.find((one) => keys.every((key) => key.key !== one.name));
  return (
    <>
      <p className={classes.dim}>
        {keys.length === 0
          ? `People are found as usual: by ${kind.match[0]?.title.toLowerCase()}.`
          : "The first that a person has is used."}
      </p>
      <OrderedList
        items={keys}
        nameOf={(_, place) => `key ${place + 1}`}
        onMove={(from, to) => set(moved(keys, from, to))}
      >
        {(key, place) => {
          const target = kind.match.find((one) => one.name === key.key);
          const name = `key ${place + 1}`;
          const put = (changed: MatchKey) => set(replaced(keys, place, changed));
          return (
            <div className={classes.row}>
              <div className={classes.filled}>
                <Suggested
                  size="xs"
                  className={classes.target}
                  aria-label={`Our identifier, ${name}`}
                  suggestions={names.identifiers}
                  value={key.identifier}
                  error={problemAt(problems, `match.${place}.identifier`)}
                  onChange={(identifier) => put({ ...key, identifier })}
                />
                <span className={classes.dim}>is</span>
                <NativeSelect
                  size="xs"
                  className={classes.target}
                  aria-label={`Key there, ${name}`}
                  data={targets}
                  value={key.key}
                  error={problemAt(problems, `match.${place}.key`)}
                  onChange={(event) => put({ ...key, key: event.currentTarget.value, label: "" })}
                />
                {target?.labelled ? (
                  <TextInput
                    size="xs"
                    className={classes.target}
                    aria-label={`Label, ${name}`}
                    placeholder="Label of the connection"
                    value={key.label}
                    error={problemAt(problems, `match.${place}.label`)}
                    onChange={(event) => put({ ...key, label: event.currentTarget.value })}
                  />
                ) : null}
                <IconButton label={`Remove ${name}`} onClick={() => set(without(keys, place))}>
                  <IconX size={16} stroke={1.6} />
                </IconButton>
              </div>
              <div className={classes.about}>
                <span className={classes.dim}>{target?.help}</span>
              </div>
            </div>
          );
        }}
      </OrderedList>
      <div className={classes.buttons}>
        <Button
          variant="default"
          size="xs"
          disabled={!unused}
          onClick={() =>
            unused && set([...keys, { key: unused.name, identifier: unused.identifier, label: "" }])
          }
        >
          Add key
        </Button>
      </div>
    </>
  );
}
