import { Button, PasswordInput, TextInput } from "@mantine/core";
import { QRCodeSVG } from "qrcode.react";
import { type FormEvent, useState } from "react";
import { wordsOf } from "../../api/client";
import type { NewSecondFactor, RecoveryCodes, SecondFactorView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import form from "../../components/form.module.css";
import { Payload } from "../../components/Payload";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { Status } from "../../components/Status";
import classes from "./account.module.css";

const PATH = "/api/v1/me/second-factor";

/** A code of an authenticator beside the password. */
export function SecondFactor() {
  const state = useItem<SecondFactorView>(PATH);
  const [codes, setCodes] = useState<string[]>([]);
  return (
    <Section title="Second factor">
      <Shown of={state}>
        {({ is_on, recovery_codes_left }) => (
          <>
            <p>
              <Status tone={is_on ? "ok" : "idle"} word={is_on ? "On" : "Off"} />
              <span className={classes.dim}>
                {is_on
                  ? ` Signing in asks for a code; ${recovery_codes_left} recovery codes are left.`
                  : " Whoever learns your password can sign in."}
              </span>
            </p>
            {codes.length > 0 ? (
              <div role="status">
                <p>
                  Keep these recovery codes. Each lets you in once, and they are not shown again:
                </p>
                <Payload title="Recovery codes" value={codes.join("\n")} />
              </div>
            ) : null}
            {is_on ? <TurnOff /> : <TurnOn done={setCodes} />}
          </>
        )}
      </Shown>
    </Section>
  );
}

function TurnOn({ done }: { done(codes: string[]): void }) {
  const begin = useChange<NewSecondFactor>();
  const confirm = useChange<RecoveryCodes>((made) => done(made.codes));
  const [code, setCode] = useState("");
  if (!begin.data) {
    return (
      <div>
        <Button
          size="sm"
          variant="default"
          loading={begin.isPending}
          onClick={() => begin.mutate({ method: "POST", path: PATH })}
        >
          Turn on a second factor
        </Button>
        <Problem of={begin.error} />
      </div>
    );
  }
  function send(event: FormEvent) {
    event.preventDefault();
    confirm.mutate({ method: "POST", path: `${PATH}/confirm`, body: { code } });
  }
  return (
    <form className={classes.stack} onSubmit={send}>
      <p>
        Scan this with your authenticator, or type the secret, then give the code that it shows.
      </p>
      <div className={classes.code}>
        <QRCodeSVG value={begin.data.address} size={176} title="Code to scan" />
      </div>
      <Payload title="The secret" value={begin.data.secret} />
      <div className={form.form}>
        <TextInput
          label="Code"
          inputMode="numeric"
          autoComplete="one-time-code"
          value={code}
          error={confirm.error ? wordsOf(confirm.error) : null}
          onChange={(event) => setCode(event.currentTarget.value.trim())}
        />
        <Button type="submit" size="sm" disabled={code.length !== 6} loading={confirm.isPending}>
          Turn it on
        </Button>
      </div>
    </form>
  );
}

function TurnOff() {
  const change = useChange();
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password"));
    change.mutate({ method: "POST", path: `${PATH}/remove`, body: { password } });
  }
  return (
    <form className={form.form} onSubmit={send}>
      <PasswordInput
        label="Your password, to turn it off"
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        error={change.error ? wordsOf(change.error) : null}
      />
      <Button type="submit" size="sm" variant="default" loading={change.isPending}>
        Turn it off
      </Button>
    </form>
  );
}
