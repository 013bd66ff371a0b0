import { IconPlus, IconX } from "@tabler/icons-react";
import type { EventCondition, NameSeen } from "../../api/schema";
import { IconButton } from "../../components/IconButton";
import classes from "./builder.module.css";
import { InlineSelect, InlineText } from "./Inline";
import { useNames } from "./names";
import { PROPERTY_TESTS, TOTAL_TESTS } from "./tests";
import { ValueInput } from "./ValueInput";
import { WindowInput } from "./WindowInput";

interface Props {
  condition: EventCondition;
  isNot: boolean;
  onChange(condition: EventCondition, isNot: boolean): void;
}

const VERBS = { did: "did", not: "did not do", sum: "in total", notSum: "not in total" };
type Verb = keyof typeof VERBS;

/** "did Order Completed at least 3 times in the last 30 days where category is shoes". */
export function EventLeaf({ condition, isNot, onChange }: Props) {
  const names = useNames();
  const seen = names.events.find((one) => one.name === condition.event)?.properties ?? [];
  const set = (changed: Partial<EventCondition>) => onChange({ ...condition, ...changed }, isNot);
  const isSum = condition.measure === "sum";
  const verb: Verb = isSum ? (isNot ? "notSum" : "sum") : isNot ? "not" : "did";

  function say(chosen: Verb) {
    const measure = chosen === "sum" || chosen === "notSum" ? "sum" : "count";
    const property = measure === "count" ? "" : condition.property || "revenue";
    onChange({ ...condition, measure, property }, chosen === "not" || chosen === "notSum");
  }

  return (
    <>
      <InlineSelect label="What happened" value={verb} options={VERBS} onChange={say} />
      {isSum ? (
        <>
          <InlineText
            label="Property that adds up"
            value={condition.property}
            placeholder="property"
            suggestions={namesOf(seen, "number")}
            isWrong={condition.property === ""}
            onChange={(property) => set({ property })}
          />
          of
        </>
      ) : null}
      <InlineText
        label="Event"
        value={condition.event}
        placeholder="event"
        suggestions={names.events.map((one) => one.name)}
        isWrong={condition.event === ""}
        onChange={(event) => set({ event })}
      />
      <ValueInput
        test={condition.test}
        tests={TOTAL_TESTS}
        value={condition.value}
        isTotal
        onChange={(test, value) => set({ test, value })}
      />
      {isSum ? null : condition.value === 1 ? "time" : "times"}
      <WindowInput window={condition.window} onChange={(window) => set({ window })} />
      {condition.where.map((one, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: filters have no name of their own
        <span key={place} className={classes.where}>
          {place === 0 ? "where" : "and"}
          <InlineText
            label="Property"
            value={one.property}
            placeholder="property"
            suggestions={namesOf(seen)}
            isWrong={one.property === ""}
            onChange={(property) =>
              set({ where: condition.where.with(place, { ...one, property }) })
            }
          />
          <ValueInput
            test={one.test}
            tests={PROPERTY_TESTS}
            value={one.value}
            seen={seen.find((found) => found.name === one.property)}
            onChange={(test, value) =>
              set({ where: condition.where.with(place, { ...one, test, value }) })
            }
          />
          <IconButton
            label={`Remove the filter ${one.property}`}
            onClick={() => set({ where: condition.where.toSpliced(place, 1) })}
          >
            <IconX size={14} />
          </IconButton>
        </span>
      ))}
      <button
        type="button"
        className={classes.more}
        onClick={() =>
          set({ where: [...condition.where, { property: "", test: "equals", value: "" }] })
        }
      >
        <IconPlus size={12} /> {condition.where.length > 0 ? "and" : "where"}
      </button>
    </>
  );
}

function namesOf(seen: NameSeen[], kind?: "number"): string[] {
  return seen.filter((one) => !kind || one.kinds.includes(kind)).map((one) => one.name);
}
