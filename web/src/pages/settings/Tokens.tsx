import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { MadeToken, TokenView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useListing } from "../../api/useListing";
import { Command } from "../../components/Command";
import { type Column, ListingTable } from "../../components/DataTable";
import { Notice } from "../../components/Notice";
import { When } from "../../components/When";
import { wordsOf } from "../../shell/SignIn";
import classes from "./settings.module.css";

const PATH = "/api/v1/tokens";
const RIGHTS = [
  "see",
  "personal",
  "segment",
  "activate",
  "connect",
  "operate",
  "erase",
  "administer",
];

/** What programs show to call the API. */
export function Tokens() {
  const tokens = useListing<TokenView>(PATH);
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
      {change.error ? <p role="alert">{wordsOf(change.error)}</p> : null}
      <ListingTable
        of={tokens}
        columns={columns}
        keyOf={(one) => one.id}
        empty={
          <Notice title="No token yet" isSmall>
            Programs need one to call the API; give each its own, with the rights that it needs.
          </Notice>
        }
      />
    </div>
  );
}

function NewToken({ create }: { create: ReturnType<typeof useChange<MadeToken>> }) {
  const [name, setName] = useState("");
  const [rights, setRights] = useState<string[]>(["see"]);

  function send(event: FormEvent) {
    event.preventDefault();
    create.mutate(
      { method: "POST", path: PATH, body: { name: name.trim(), rights } },
      { onSuccess: () => setName("") },
    );
  }

  const toggle = (right: string) =>
    setRights((held) =>
      held.includes(right) ? held.filter((one) => one !== right) : [...held, right],
    );
  return (
    <form className={classes.form} onSubmit={send}>
      <TextInput
        label="Name of a new token"
        value={name}
        error={create.error ? wordsOf(create.error) : null}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <fieldset className={classes.rights}>
        <legend>It may</legend>
        {RIGHTS.map((right) => (
          <label key={right}>
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
