import { NativeSelect, TextInput } from "@mantine/core";
import { TextsInput } from "../../../components/TextsInput";
import { WholeInput } from "../../../components/WholeInput";
import classes from "./goal.module.css";
import { type Rule, WEEKDAYS } from "./schedule";

type Which = "first" | "second" | "third" | "fourth" | "last";
const WHICH: Which[] = ["first", "second", "third", "fourth", "last"];
const titled = (value: string) => ({ value, label: value[0]?.toUpperCase() + value.slice(1) });

interface Props {
  rule: Rule;
  onChange(rule: Rule): void;
}

/** What else must be said of a rule, by its kind. */
export function RuleDetail({ rule, onChange }: Props) {
  switch (rule.kind) {
    case "times_a_day":
      return (
        <>
          <WholeInput
            label="Times a day"
            min={1}
            max={288}
            value={rule.count}
            onChange={(count) => onChange({ ...rule, count: count ?? 1 })}
          />
          <TextInput
            label="The first at"
            type="time"
            value={rule.start}
            onChange={(event) => onChange({ ...rule, start: event.currentTarget.value })}
          />
        </>
      );
    case "weekdays":
      return (
        <>
          <fieldset className={classes.choices}>
            <legend>Days</legend>
            <div className={classes.days}>
              {WEEKDAYS.map((day) => (
                <label key={day} className={classes.check}>
                  <input
                    type="checkbox"
                    checked={rule.days.includes(day)}
                    onChange={(event) => {
                      const isOn = event.currentTarget.checked;
                      const days = WEEKDAYS.filter((one) =>
                        one === day ? isOn : rule.days.includes(one),
                      );
                      onChange({ ...rule, days });
                    }}
                  />
                  {titled(day).label}
                </label>
              ))}
            </div>
          </fieldset>
          <At at={rule.at} onChange={(at) => onChange({ ...rule, at })} />
        </>
      );
    case "month_day":
      return (
        <>
          <WholeInput
            label="Day of the month"
            description="In a shorter month, on its last day."
            min={1}
            max={31}
            value={rule.day}
            onChange={(day) => onChange({ ...rule, day: day ?? 1 })}
          />
          <At at={rule.at} onChange={(at) => onChange({ ...rule, at })} />
        </>
      );
    case "month_weekday":
      return (
        <>
          <NativeSelect
            label="Which"
            data={WHICH.map(titled)}
            value={rule.which}
            onChange={(event) => onChange({ ...rule, which: event.currentTarget.value as Which })}
          />
          <NativeSelect
            label="Weekday"
            data={WEEKDAYS.map(titled)}
            value={rule.weekday}
            onChange={(event) =>
              onChange({ ...rule, weekday: event.currentTarget.value as typeof rule.weekday })
            }
          />
          <At at={rule.at} onChange={(at) => onChange({ ...rule, at })} />
        </>
      );
    case "cron":
      return (
        <TextInput
          label="Cron expression"
          description="Minute, hour, day of the month, month, day of the week."
          value={rule.expression}
          onChange={(event) => onChange({ ...rule, expression: event.currentTarget.value })}
        />
      );
    default:
      return null;
  }
}

function At({ at, onChange }: { at: string[]; onChange(at: string[]): void }) {
  return (
    <TextsInput label="At" description="Such as 08:00, 17:30." value={at} onChange={onChange} />
  );
}
