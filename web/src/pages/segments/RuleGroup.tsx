import { Menu } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { IconButton } from "../../components/IconButton";
import classes from "./builder.module.css";
import { InlineSelect } from "./Inline";
import { RuleLeaf } from "./RuleLeaf";
import {
  type Group,
  isFinished,
  isGroup,
  type KnownKind,
  type Mode,
  newGroup,
  newLeaf,
  type Part,
} from "./rule";

const MODES: Record<Mode, string> = { all: "all", any: "any", none: "none" };
const JOINS: Record<Mode, string> = { all: "and", any: "or", none: "nor" };
/** What a new condition may be about, in the order of use. */
const KINDS: Record<KnownKind, string> = {
  event: "What they did",
  trait: "A trait of theirs",
  identifier: "An identifier",
  consent: "Their consent",
  segment: "Another segment",
};

interface Props {
  group: Group;
  onChange(group: Group): void;
  /** None for the outermost. */
  onRemove?: () => void;
}

/** Conditions of which all, any or none must hold; groups stand in it as indented blocks. */
export function RuleGroup({ group, onChange, onRemove }: Props) {
  const setParts = (parts: Part[]) => onChange({ ...group, parts });
  const setPart = (place: number, part: Part) => setParts(group.parts.with(place, part));
  return (
    <fieldset className={onRemove ? classes.inner : classes.group} aria-label="Conditions">
      <div className={classes.head}>
        People of whom
        <InlineSelect
          label="How many must hold"
          value={group.mode}
          options={MODES}
          onChange={(mode) => onChange({ ...group, mode })}
        />
        of these hold
        {onRemove ? (
          <IconButton label="Remove the group" onClick={onRemove}>
            <IconX size={16} />
          </IconButton>
        ) : null}
      </div>
      {group.parts.length === 0 ? (
        <p className={classes.hint}>
          {group.mode === "any" ? "Nobody yet" : "Everyone"}: add a condition.
        </p>
      ) : null}
      {group.parts.map((part, place) => (
        <div key={part.key} className={classes.part}>
          <span className={classes.join}>{place > 0 ? JOINS[group.mode] : ""}</span>
          {isGroup(part) ? (
            <RuleGroup
              group={part}
              onChange={(changed) => setPart(place, changed)}
              onRemove={() => setParts(group.parts.toSpliced(place, 1))}
            />
          ) : (
            <>
              <div className={classes.sentence} data-unfinished={!isFinished(part) || undefined}>
                <RuleLeaf leaf={part} onChange={(changed) => setPart(place, changed)} />
              </div>
              <IconButton
                label="Remove the condition"
                onClick={() => setParts(group.parts.toSpliced(place, 1))}
              >
                <IconX size={16} />
              </IconButton>
            </>
          )}
        </div>
      ))}
      <Add onAdd={(part) => setParts([...group.parts, part])} />
    </fieldset>
  );
}

function Add({ onAdd }: { onAdd(part: Part): void }) {
  return (
    <Menu shadow="none" position="bottom-start" withinPortal>
      <Menu.Target>
        <button type="button" className={classes.add}>
          <IconPlus size={14} /> Add a condition
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.keys(KINDS) as KnownKind[]).map((kind) => (
          <Menu.Item key={kind} onClick={() => onAdd(newLeaf(kind))}>
            {KINDS[kind]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => onAdd(newGroup("any", [newLeaf("event")]))}>
          A group of conditions
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
