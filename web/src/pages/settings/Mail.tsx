import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { wordsOf } from "../../api/client";
import type { MailTrialView, MailView } from "../../api/schema";
import { ASKS_ELSEWHERE_MS, useChange } from "../../api/useChange";
import { useListing } from "../../api/useListing";
import { type Column, ListingTable } from "../../components/DataTable";
import form from "../../components/form.module.css";
import { Notice } from "../../components/Notice";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { Status } from "../../components/Status";
import { When } from "../../components/When";
import { Words } from "../../components/Words";
import classes from "./settings.module.css";

const PATH = "/api/v1/mail";

/** Whether mails arrive, and those that did not. */
export function Mail() {
  const mails = useListing<MailView>(PATH, {}, { on: ["runs", "config"] });
  const change = useChange();
  const columns: Column<MailView>[] = [
    { name: "To", show: (one) => one.address },
    { name: "Subject", show: (one) => one.subject },
    { name: "Status", show: stateOf },
    {
      name: "Why, and what to do",
      show: (one) => <Words text={`${one.code} ${one.hint}`} />,
      isExtra: true,
    },
    {
      name: "",
      show: (one) => (
        <div className={classes.actions}>
          <Button
            size="compact-xs"
            variant="default"
            disabled={one.asked !== null}
            onClick={() => change.mutate({ method: "POST", path: `${PATH}/${one.id}/retry` })}
          >
            Try again now
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            disabled={one.asked !== null}
            onClick={() => change.mutate({ method: "DELETE", path: `${PATH}/${one.id}` })}
          >
            Do not send
          </Button>
        </div>
      ),
    },
  ];
  return (
    <div className={classes.stack}>
      <Trial />
      <Section title="Not sent">
        <Problem of={change.error} />
        <ListingTable
          of={mails}
          columns={columns}
          keyOf={(one) => one.id}
          empty={
            <Notice title="Every mail was sent" level={3}>
              Notices of runs and connections that could not be mailed stand here, with why.
            </Notice>
          }
        />
      </Section>
    </div>
  );
}

function stateOf(mail: MailView) {
  if (mail.asked === "retry") return <Status tone="idle" word="About to be tried" />;
  if (mail.asked === "drop") return <Status tone="idle" word="About to go" />;
  if (mail.state === "failed") return <Status tone="bad" word="Given up" />;
  return (
    <>
      <Status tone="warn" word="Waiting" />
      {mail.next_attempt_at ? (
        <>
          , next try <When at={mail.next_attempt_at} />
        </>
      ) : null}
    </>
  );
}

function Trial() {
  const [address, setAddress] = useState("");
  const trial = useChange<MailTrialView>();

  function send(event: FormEvent) {
    event.preventDefault();
    const body = { address: address.trim() };
    trial.mutate({ method: "POST", path: `${PATH}/test`, body, answerMsMax: ASKS_ELSEWHERE_MS });
  }

  return (
    <Section title="Does a mail arrive?">
      <form className={form.form} onSubmit={send}>
        <TextInput
          label="Send a test to"
          type="email"
          autoComplete="email"
          value={address}
          error={trial.error ? <Words text={wordsOf(trial.error)} /> : null}
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" disabled={!address.trim()} loading={trial.isPending}>
          Send test
        </Button>
      </form>
      {trial.data ? (
        <p role="status">
          {trial.data.message} Look whether it arrives at {trial.data.address}.
        </p>
      ) : null}
    </Section>
  );
}
