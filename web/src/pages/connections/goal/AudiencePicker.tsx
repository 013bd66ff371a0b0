import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { Audience, Field } from "../../../api/schema";
import { useListing } from "../../../api/useListing";
import { formatExact } from "../../../components/format";
import { Problem } from "../../../components/Problem";
import { withSetting } from "./draft";
import type { Editing } from "./editing";
import classes from "./goal.module.css";
import { problemAt } from "./problems";

/** Whom to bring in: a group of people that the account knows, asked for live. */
export function AudiencePicker({ editing, field }: { editing: Editing; field: Field }) {
  const { draft, change, problems, path } = editing;
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 300);
  const found = useListing<Audience>(`${path}/audiences`, { search });
  const chosen = draft.settings[field.name];
  const error = problemAt(problems, `settings.${field.name}`);
  const isListed = (found.data ?? []).some((one) => one.id === chosen);
  return (
    <fieldset className={classes.choices}>
      <legend>{field.title}</legend>
      <TextInput
        size="xs"
        aria-label={`Search ${field.title}`}
        placeholder="Part of its name"
        leftSection={<IconSearch size={16} stroke={1.6} />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {error ? (
        <p role="alert" className={classes.error}>
          {error}
        </p>
      ) : null}
      <Problem of={found.error} />
      {typeof chosen === "string" && !isListed ? (
        <p className={classes.dim}>
          Chosen: <code>{chosen}</code>
        </p>
      ) : null}
      <div className={classes.checklist}>
        {(found.data ?? []).map((one) => (
          <label key={one.id} className={classes.check}>
            <input
              type="radio"
              name={field.name}
              checked={chosen === one.id}
              onChange={() => change(withSetting(draft, field.name, one.id))}
            />
            {one.name}{" "}
            <span className={classes.dim}>
              {[
                one.size === null || one.size === undefined
                  ? ""
                  : `${formatExact(one.size)} people`,
                one.description,
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </label>
        ))}
        {found.data?.length === 0 ? (
          <p className={classes.dim}>There is none of that name.</p>
        ) : null}
      </div>
      {found.hasMore ? (
        <Button size="xs" variant="default" loading={found.isLoadingMore} onClick={found.loadMore}>
          Show more
        </Button>
      ) : null}
    </fieldset>
  );
}
