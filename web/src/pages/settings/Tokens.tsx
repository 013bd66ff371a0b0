import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { wordsOf } from "../../api/client";
import type { MadeToken, Right, TokenView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useListing } from "../../api/useListing";
import { Command } from "../../components/Command";
import { type Column, ListingTable } from "../../components/DataTable";
import form from "../../components/form.module.css";
import { Notice } from "../../components/Notice";
import { Problem } from "../../components/Problem";
import { When } from "../../components/When";
import classes from "./settings.module.css";

const PATH = "/api/v1/tokens";
/** What each lets, on hover. */
const LETS: Record<Right, string> = {
  see: "Look at numbers, states and definitions",
  personal: "See values of people: identifiers, traits, events, payloads",
  segment: "Make, change and delete segments",
  activate: "Make and change goals and engagements, turn them on and off, run them",
  connect: "Make sources and their keys, connections and their secrets",
  operate: "Mend dead letters, import, replay, back up, shorten the log",
  erase: "Erase people, state their consent",
  administer: "Change the team and tokens, read the audit trail",
};
const RIGHTS = Object.keys(LETS) as Right[];

/** What programs show to call the API. */
export function Tokens() {
  const tokens = useListing<TokenView>(PATH, {}, { on: ["config"] });
  const change = useChange();
  const create = useChange<MadeToken>();
  const columns: Column<TokenView>[] = [
    { name: "Token", show: (one) => one.name },
    {
      name: "May",
      show: (one) => (one.rights.length === RIGHTS.length ? "everything" : one.rights.join(", ")),
    },
    { name: "Made", show: (one) => <When at={one.created_at} />, isExtra: true },
    {
      name: "Ends",
      show: (one) => (one.expires_at ? <When at={one.expires_at} /> : "never"),
    },
    {
      name: "",
      show: (one) => (
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => change.mutate({ method: "DELETE", path: `${PATH}/${one.id}` })}
        >
          End now
        </Button>
      ),
    },
  ];
  return (
    <div className={classes.stack}>
      <NewToken create={create} />
      {create.data ? (
        <div role="status" className={classes.invited}>
          <p>The token {create.data.name}. It is not shown again:</p>
          <Command text={create.data.token} />
        </div>
      ) : null}
      <Problem of={change.error} />
      <ListingTable
        of={tokens}
        columns={columns}
        keyOf={(one) => one.id}
        empty={
          <Notice title="No token yet" level={2}>
            Programs need one to call the API; give each its own, with the rights that it needs.
          </Notice>
        }
      />
    </div>
  );
}

function NewToken({ create }: { create: ReturnType<typeof useChange<MadeToken>> }) {
  const [name, setName] = useState("");
  const [rights, setRights] = useState<Right[]>(["see"]);

  function send(event: FormEvent) {
    event.preventDefault();
    create.mutate(
      { method: "POST", path: PATH, body: { name: name.trim(), rights } },
      { onSuccess: () => setName("") },
    );
  }

  const toggle = (right: Right) =>
    setRights((held) =>
      held.includes(right) ? held.filter((one) => one !== right) : [...held, right],
    );
  return (
    <form className={form.form} onSubmit={send}>
      <TextInput
        label="Name of a new token"
        value={name}
        error={create.error ? wordsOf(create.error) : null}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <fieldset className={classes.rights}>
        <legend>It may</legend>
        {RIGHTS.map((right) => (
          <label key={right} title={LETS[right]}>
            <input
              type="checkbox"
              checked={rights.includes(right)}
              onChange={() => toggle(right)}
            />{" "}
            {right}
          </label>
        ))}
      </fieldset>
      <Button
        type="submit"
        size="sm"
        disabled={!name.trim() || rights.length === 0}
        loading={create.isPending}
      >
        Make token
      </Button>
    </form>
  );
}
