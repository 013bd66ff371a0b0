import type { Field } from "../../../api/schema";
import { withSetting } from "./draft";
import type { Editing } from "./editing";
import classes from "./goal.module.css";
import { problemAt } from "./problems";
import { Setting } from "./Setting";

/** The settings of one step. */
export function Settings({ editing, fields }: { editing: Editing; fields: Field[] }) {
  const { draft, change, problems } = editing;
  if (fields.length === 0) return null;
  return (
    <div className={classes.settings}>
      {fields.map((field) => (
        <Setting
          key={field.name}
          field={field}
          value={draft.settings[field.name]}
          error={problemAt(problems, `settings.${field.name}`)}
          onChange={(value) => change(withSetting(draft, field.name, value))}
        />
      ))}
    </div>
  );
}
