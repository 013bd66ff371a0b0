import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useRef } from "react";
import type { ConnectionView, ConnectorInfo, Field } from "../../../api/schema";
import { useMay } from "../../../api/useMe";
import { Fold } from "../../../components/Fold";
import { FieldInput } from "../../../components/fields/FieldInput";
import { groupsOf, isGiven } from "../../../components/fields/fields";
import { Problem } from "../../../components/Problem";
import { About } from "./About";
import { type Draft, pathOf } from "./draft";
import { ListedInput } from "./ListedInput";
import { OtherSecrets } from "./OtherSecrets";
import { Probes } from "./Probes";
import { SecretInput } from "./SecretInput";
import classes from "./setup.module.css";
import { type Setup, useSetup } from "./useSetup";

interface Props {
  connector: ConnectorInfo;
  /** Null: a new one. */
  kept: ConnectionView | null;
  onSaved(connection: ConnectionView): void;
}

/** The form that a connector declares: for a new connection, and for one that is kept. */
export function SetupForm({ connector, kept, onSaved }: Props) {
  const setup = useSetup(connector, kept);
  const mayChange = useMay("connect");
  const { draft, problems } = setup;
  const form = useRef<HTMLFormElement>(null);
  const isWrong = setup.isPlaced;
  useEffect(() => {
    if (isWrong) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [isWrong]);
  const declared = connector.fields.map((field) => field.name);
  const others = Object.keys(kept?.secrets ?? {}).filter((name) => !declared.includes(name));
  const show = (field: Field) => (
    <OneField key={field.name} field={field} setup={setup} kept={kept} isDisabled={!mayChange} />
  );

  function submit(event: FormEvent) {
    event.preventDefault();
    setup.save(onSaved);
  }

  return (
    <form ref={form} className={classes.form} noValidate onSubmit={submit}>
      {mayChange ? null : <p className={classes.dim}>You may look. Your role may not change it.</p>}
      <div className={classes.fields}>
        <TextInput
          label="Name"
          description="How you and your team find it."
          required
          error={problems.name}
          disabled={!mayChange}
          value={draft.name}
          onChange={(event) => setup.edit({ name: event.currentTarget.value }, "name")}
        />
        {groupsOf(connector.fields)[0]?.fields.map(show)}
      </div>
      <div>
        {groupsOf(connector.fields)
          .slice(1)
          .map(({ title, fields }) => (
            <Fold
              key={title}
              title={title}
              note={noteOf(fields, draft, kept)}
              isForced={fields.some((field) => problems[pathOf(field)])}
            >
              <div className={classes.fields}>{fields.map(show)}</div>
            </Fold>
          ))}
        {connector.custom_secrets ? (
          <OtherSecrets
            kept={others}
            secrets={draft.secrets}
            problems={problems}
            isDisabled={!mayChange}
            onChange={(secrets) =>
              setup.edit({ secrets }, ...Object.keys(secrets).map((name) => `secrets.${name}`))
            }
          />
        ) : null}
        <About
          draft={draft}
          problems={problems}
          isDisabled={!mayChange}
          onChange={(change) => setup.edit(change, ...Object.keys(change))}
        />
      </div>
      {setup.trial.data ? (
        <div>
          {setup.isTrialOld ? (
            <p className={classes.dim}>You changed something since this test.</p>
          ) : null}
          <Probes of={setup.trial.data} />
        </div>
      ) : null}
      {setup.isConflict && kept ? (
        <Conflict setup={setup} kept={kept} onSaved={onSaved} />
      ) : (
        <Problem of={setup.otherError} />
      )}
      {mayChange ? <Bar setup={setup} isNew={kept === null} /> : null}
    </form>
  );
}

interface FieldProps {
  field: Field;
  setup: Setup;
  kept: ConnectionView | null;
  isDisabled: boolean;
}

function OneField({ field, setup, kept, isDisabled }: FieldProps) {
  const { draft } = setup;
  const path = pathOf(field);
  const problem = setup.problems[path];
  const put = (value: unknown) =>
    setup.edit({ settings: { ...draft.settings, [field.name]: value } }, path);
  if (field.kind === "secret") {
    const { [field.name]: value, ...others } = draft.secrets;
    return (
      <SecretInput
        name={field.name}
        title={field.title}
        help={field.help ?? ""}
        isRequired={field.required ?? false}
        isSet={kept?.secrets[field.name] === "set"}
        value={value}
        problem={problem}
        isDisabled={isDisabled}
        onChange={(given) =>
          setup.edit(
            { secrets: given === undefined ? others : { ...others, [field.name]: given } },
            path,
          )
        }
      />
    );
  }
  if (field.is_listed) {
    return (
      <ListedInput
        field={field}
        value={draft.settings[field.name]}
        problem={problem}
        isDisabled={isDisabled}
        path={setup.options.path}
        body={{ ...setup.options.account, field: field.name }}
        onChange={put}
      />
    );
  }
  return (
    <FieldInput
      field={field}
      values={draft.settings}
      problem={problem}
      isDisabled={isDisabled}
      onChange={put}
    />
  );
}

function Bar({ setup, isNew }: { setup: Setup; isNew: boolean }) {
  return (
    <div className={classes.bar}>
      <Button type="submit" size="sm" loading={setup.isSaving} disabled={!isNew && !setup.isEdited}>
        {isNew ? "Add connection" : "Save changes"}
      </Button>
      <Button
        variant="default"
        size="sm"
        loading={setup.trial.isPending}
        onClick={() => setup.test()}
      >
        Test connection
      </Button>
      {setup.isEdited ? (
        <Button variant="subtle" size="sm" onClick={() => setup.discard()}>
          {isNew ? "Clear form" : "Discard changes"}
        </Button>
      ) : null}
      <span className={classes.dim} role="status">
        {statusOf(setup, isNew)}
      </span>
    </div>
  );
}

function statusOf(setup: Setup, isNew: boolean): string {
  if (setup.isPlaced && Object.keys(setup.problems).length > 0) return "See the fields in red.";
  if (setup.isEdited) return isNew ? "Nothing is kept yet." : "Not saved yet.";
  return "";
}

interface ConflictProps {
  setup: Setup;
  kept: ConnectionView;
  onSaved(connection: ConnectionView): void;
}

function Conflict({ setup, kept, onSaved }: ConflictProps) {
  return (
    <div className={classes.conflict} role="alert">
      <p>
        Somebody changed this connection while you did. Nothing of yours is saved yet, and nothing
        of theirs is lost.
      </p>
      <Button variant="default" size="sm" onClick={() => setup.discard()}>
        Take theirs
      </Button>
      <Button variant="default" size="sm" onClick={() => setup.save(onSaved, kept.version)}>
        Save mine over it
      </Button>
    </div>
  );
}

function noteOf(fields: readonly Field[], draft: Draft, kept: ConnectionView | null): string {
  const filled = fields.filter((field) =>
    field.kind === "secret"
      ? draft.secrets[field.name] || kept?.secrets[field.name] === "set"
      : isGiven(draft.settings[field.name]),
  ).length;
  return filled === 0 ? "as it comes" : `${filled} of ${fields.length} filled in`;
}
