import { Button, Switch } from "@mantine/core";
import { IconArrowRight, IconX } from "@tabler/icons-react";
import type { Intake } from "../../../api/schema";
import { IconButton } from "../../../components/IconButton";
import { replaced, without } from "../../../components/ordered";
import { Suggested } from "../../../components/Suggested";
import type { Editing } from "./editing";
import classes from "./goal.module.css";
import { problemAt } from "./problems";
import { useOffered } from "./useOffered";

/** Whose a row is that comes in: fields that hold identifiers, and whether unknown people become known. */
export function Identifiers({ editing, intake }: { editing: Editing; intake: Intake }) {
  const { draft, change, names, problems } = editing;
  const offered = useOffered(editing.path);
  const rows = intake.identifiers;
  const put = (changed: Partial<Intake>) => change({ ...draft, intake: { ...intake, ...changed } });
  const fields = offered.fields.filter((one) => one.is_identifier);
  return (
    <>
      {rows.map((row, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is known by its place
        <div key={place} className={classes.filled}>
          <Suggested
            size="xs"
            className={classes.target}
            aria-label={`Field there, identifier ${place + 1}`}
            placeholder="Field there"
            suggestions={fields.map((one) => ({ value: one.name, label: one.title }))}
            value={row.field}
            error={problemAt(problems, `intake.identifiers.${place}.field`)}
            onChange={(field) => put({ identifiers: replaced(rows, place, { ...row, field }) })}
          />
          <IconArrowRight className={classes.arrow} size={16} stroke={1.6} aria-label="is" />
          <Suggested
            size="xs"
            className={classes.target}
            aria-label={`Our identifier, identifier ${place + 1}`}
            placeholder="Our identifier"
            suggestions={names.identifiers}
            value={row.identifier}
            error={problemAt(problems, `intake.identifiers.${place}.identifier`)}
            onChange={(identifier) =>
              put({ identifiers: replaced(rows, place, { ...row, identifier }) })
            }
          />
          <IconButton
            label={`Remove identifier ${place + 1}`}
            onClick={() => put({ identifiers: without(rows, place) })}
          >
            <IconX size={16} stroke={1.6} />
          </IconButton>
        </div>
      ))}
      {rows.length === 0 ? (
        <p role="alert" className={classes.error}>
          {problemAt(problems, "intake.identifiers")}
        </p>
      ) : null}
      <div className={classes.buttons}>
        <Button
          variant="default"
          size="xs"
          onClick={() => put({ identifiers: [...rows, { field: "", identifier: "" }] })}
        >
          Add identifier
        </Button>
      </div>
      <Switch
        label="Allow creation"
        description="Whoever matches nobody becomes a new profile. Otherwise they are left out."
        checked={intake.create}
        onChange={(event) => put({ create: event.currentTarget.checked })}
      />
    </>
  );
}
