import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError, postJson, wordsOf } from "../api/client";
import type { SignOnView } from "../api/schema";
import { useItem } from "../api/useItem";
import { useSignedIn } from "../api/useMe";
import { Command } from "../components/Command";
import { ProviderButton } from "./ProviderButton";
import classes from "./SignIn.module.css";

/** In place of a page that nobody is signed in for; `isSame`: who had been there before. */
export function SignIn({ done }: { done(isSame: boolean): void }) {
  const [email, setEmail] = useState("");
  const [said, setSaid] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [needsCode, setNeedsCode] = useState(false);
  const [code, setCode] = useState("");
  const greet = useSignedIn();
  const ways = useItem<SignOnView>("/api/v1/sign-on");

  async function send(path: string, body: unknown, then: () => unknown) {
    setBusy(true);
    setSaid("");
    try {
      await postJson(path, body);
      await then();
    } catch (error) {
      if (error instanceof ApiError && error.code === "api.code_needed") setNeedsCode(true);
      setSaid(wordsOf(error));
    } finally {
      setBusy(false);
    }
  }

  function signIn(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password"));
    void send("/api/v1/sign-in", { email, password, code }, async () => {
      done(await greet());
    });
  }

  function forgot() {
    void send("/api/v1/password-resets", { email }, () =>
      setSaid("If that address is of the team, a mail with a link is on its way."),
    );
  }

  return (
    <section className={classes.box}>
      <h1 className={classes.title}>You are not signed in</h1>
      {ways.data?.label ? (
        <ProviderButton
          label={ways.data.label}
          next={window.location.pathname + window.location.search}
        />
      ) : null}
      {ways.data?.password || ways.error ? (
        <form className={classes.form} onSubmit={signIn}>
          <TextInput
            label="E-mail address"
            name="email"
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
          />
          {needsCode ? (
            <TextInput
              label="Code of your authenticator, or a recovery code"
              autoComplete="one-time-code"
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
          ) : null}
          <p className={classes.said} role="status">
            {said}
          </p>
          <div className={classes.actions}>
            <Button type="submit" size="sm" loading={isBusy}>
              Sign in
            </Button>
            <Button
              type="button"
              variant="subtle"
              size="sm"
              disabled={!email.includes("@") || isBusy}
              onClick={forgot}
            >
              Mail me a link
            </Button>
          </div>
        </form>
      ) : null}
      <p className={classes.other}>
        No account yet? Whoever runs the server opens Onefold with a link that works once; this
        command prints one, and <code>onefold team invite</code> lets others in.
      </p>
      <Command text="onefold open" />
    </section>
  );
}
