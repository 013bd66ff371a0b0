import { Button, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { IdentityView } from "../../api/schema";
import { PairsInput } from "../../components/fields/PairsInput";
import { LinesInput } from "../../components/LinesInput";
import { Problem } from "../../components/Problem";
import { IdentityEffect } from "./IdentityEffect";
import { countryOf, originOf, type RuleName } from "./identityRules";
import classes from "./settings.module.css";
import { useRules } from "./useRules";

type Editing = ReturnType<typeof useRules>;

/** The four rules, to be changed. */
export function IdentityForm({ view }: { view: IdentityView }) {
  const editing = useRules(view);
  const rule = (name: RuleName, input: ReactNode) => (
    <Rule name={name} view={view} editing={editing}>
      {input}
    </Rule>
  );
  return (
    <>
      <form
        noValidate
        className={classes.rules}
        onSubmit={(event) => {
          event.preventDefault();
          editing.check();
        }}
      >
        {rule("phone_region", <Country editing={editing} />)}
        {rule("currency", <Currency editing={editing} />)}
        {rule("trait_identifiers", <Traits key={editing.round} editing={editing} />)}
        {rule("blocked_values", <Values key={editing.round} editing={editing} />)}
        <Problem of={editing.error} />
        <div className={classes.decide}>
          <Button
            type="submit"
            size="sm"
            disabled={!editing.isChanged}
            loading={editing.isChecking}
          >
            Save rules
          </Button>
          {editing.isTyped ? (
            <Button size="sm" variant="default" onClick={editing.drop}>
              Drop changes
            </Button>
          ) : null}
        </div>
      </form>
      {editing.plan ? (
        <IdentityEffect
          effect={editing.plan.effects?.[0]}
          isPending={editing.saving.isPending}
          error={editing.saving.error}
          onConfirm={editing.save}
          onClose={editing.leave}
        />
      ) : null}
    </>
  );
}

interface RuleProps {
  name: RuleName;
  view: IdentityView;
  editing: Editing;
  children: ReactNode;
}

/** One rule, who says it, and the way back to what the server says. */
function Rule({ name, view, editing, children }: RuleProps) {
  const country = name === "phone_region" ? countryOf(editing.rules.phone_region) : "";
  return (
    <div className={classes.rule}>
      {children}
      <p className={classes.origin}>
        {country ? `${country}. ` : ""}
        {originOf(name, editing.choice, view)}{" "}
        {editing.choice[name] === undefined ? null : (
          <Button size="compact-xs" variant="subtle" onClick={() => editing.giveBack(name)}>
            Use what the server says
          </Button>
        )}
      </p>
    </div>
  );
}

function Country({ editing }: { editing: Editing }) {
  return (
    <TextInput
      label="Country of phone numbers"
      description="Numbers that come without their country are of this one. Two letters, like DE; empty: such numbers tell nobody apart."
      maxLength={40}
      value={editing.rules.phone_region}
      error={editing.problemOf("phone_region")}
      onChange={(event) => editing.set("phone_region", event.currentTarget.value.trim())}
    />
  );
}

function Currency({ editing }: { editing: Editing }) {
  return (
    <TextInput
      label="Currency"
      description="What revenue is in when an event does not say. Three letters, like EUR."
      maxLength={40}
      value={editing.rules.currency}
      error={editing.problemOf("currency")}
      onChange={(event) => editing.set("currency", event.currentTarget.value.trim())}
    />
  );
}

function Traits({ editing }: { editing: Editing }) {
  return (
    <PairsInput
      label="Traits that identify"
      description="Traits that are unique to a person, like a loyalty number, each with the kind of identifier that it becomes. Whoever shares a value becomes one person, for good."
      columns={["Trait", "Kind"]}
      required={false}
      disabled={false}
      error={editing.problemOf("trait_identifiers")}
      value={editing.rules.trait_identifiers}
      onChange={(value) =>
        editing.set("trait_identifiers", (value ?? {}) as Record<string, string>)
      }
    />
  );
}

function Values({ editing }: { editing: Editing }) {
  return (
    <LinesInput
      label="Values that never identify"
      description="Placeholders that senders put where an id belongs, like demo: everybody would become one person. One a line; null, 0, anonymous and the like are known already."
      value={editing.rules.blocked_values}
      error={editing.problemOf("blocked_values")}
      onChange={(values) => editing.set("blocked_values", values)}
    />
  );
}
