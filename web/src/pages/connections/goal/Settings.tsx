import type { Field } from "../../../api/schema";
import { FieldInput } from "../../../components/fields/FieldInput";
import { withSetting } from "./draft";
import type { Editing } from "./editing";
import classes from "./goal.module.css";
import { problemAt } from "./problems";

/** The settings of one step. */
export function Settings({ editing, fields }: { editing: Editing; fields: Field[] }) {
  const { draft, change, problems } = editing;
  if (fields.length === 0) return null;
  return (
    <div className={classes.settings}>
      {fields.map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          values={draft.settings}
          problem={problemAt(problems, `settings.${field.name}`) ?? undefined}
          isDisabled={editing.isFixed}
          onChange={(value) => change(withSetting(draft, field.name, value))}
        />
      ))}
    </div>
  );
}
