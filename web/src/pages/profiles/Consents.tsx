import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { ConsentState, ConsentView, ProfileView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useMay } from "../../api/useMe";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { Status } from "../../components/Status";
import { When } from "../../components/When";
import classes from "./profile.module.css";

const TONES = { consented: "ok", refused: "bad", unset: "idle" } as const;

/** What the person allows, with what shows it; who may, says it for them. */
export function Consents({ profile }: { profile: ProfileView }) {
  const mayState = useMay("erase");
  return (
    <Section title="Consent">
      {profile.consents.length > 0 ? (
        <ul className={classes.list}>
          {profile.consents.map((one) => (
            <li key={one.purpose}>
              <Consent consent={one} />
            </li>
          ))}
        </ul>
      ) : (
        <p className={classes.dim}>Nothing was said about any purpose.</p>
      )}
      {mayState ? <Statement profile={profile} /> : null}
    </Section>
  );
}

function Consent({ consent }: { consent: ConsentView }) {
  return (
    <details>
      <summary>
        <span className={classes.value}>{consent.purpose}</span>{" "}
        <Status tone={TONES[consent.state]} word={consent.state} />
      </summary>
      <div className={classes.under}>
        <p>
          Said <When at={consent.occurred_at} />
          {consent.method ? `, by ${consent.method}` : ""}
          {consent.text ? `: “${consent.text}”` : ""}
        </p>
        <p className={classes.small}>
          Event <code>{consent.message_id}</code>
        </p>
      </div>
    </details>
  );
}

/** Say for the person what they allow; it becomes an event like any other. */
function Statement({ profile }: { profile: ProfileView }) {
  const change = useChange();
  const [purpose, setPurpose] = useState("");
  const [state, setState] = useState<ConsentState>("consented");
  const [method, setMethod] = useState("");
  const [text, setText] = useState("");

  function record(event: FormEvent) {
    event.preventDefault();
    change.mutate(
      {
        method: "PUT",
        path: `/api/v1/profiles/${profile.id}/consents/${encodeURIComponent(purpose.trim())}`,
        body: { state, method: method.trim() || "by hand", text: text.trim() },
      },
      { onSuccess: () => setPurpose("") },
    );
  }

  return (
    <details className={classes.statement}>
      <summary>Record what they said</summary>
      <form className={classes.form} onSubmit={record}>
        <TextInput
          size="sm"
          label="Purpose"
          placeholder="email"
          list="known-purposes"
          value={purpose}
          onChange={(event) => setPurpose(event.currentTarget.value)}
        />
        <datalist id="known-purposes">
          {profile.consents.map((one) => (
            <option key={one.purpose} value={one.purpose} />
          ))}
        </datalist>
        <NativeSelect
          size="sm"
          label="They"
          value={state}
          onChange={(event) => setState(event.currentTarget.value as ConsentState)}
          data={[
            { value: "consented", label: "consented" },
            { value: "refused", label: "refused" },
            { value: "unset", label: "took back whatever they said" },
          ]}
        />
        <TextInput
          size="sm"
          label="How they said it"
          placeholder="phone call"
          value={method}
          onChange={(event) => setMethod(event.currentTarget.value)}
        />
        <TextInput
          size="sm"
          label="What they were shown, or who says so"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Problem of={change.error} />
        {change.isSuccess && !purpose ? (
          <p role="status" className={classes.small}>
            It is in the log. The profile shows it in a moment.
          </p>
        ) : null}
        <Button type="submit" size="sm" disabled={!purpose.trim()} loading={change.isPending}>
          Record consent
        </Button>
      </form>
    </details>
  );
}
