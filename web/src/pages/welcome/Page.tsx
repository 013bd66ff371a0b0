import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { ApiError, getJson, postJson, wordsOf } from "../../api/client";
import type { SignOnView, WelcomeView } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { Notice } from "../../components/Notice";
import { ProviderButton } from "../../shell/ProviderButton";
import classes from "../../shell/SignIn.module.css";

const CHARS_MIN = 12;

/** Where the link of an invitation, or of a reset, leads: set a password, and be in. */
export default function Page() {
  // Behind the #, so that no server and no proxy writes the code down.
  const code = window.location.hash.slice(1);
  const found = useQuery({
    queryKey: ["welcome", code],
    queryFn: ({ signal }) =>
      getJson<WelcomeView>(`/api/v1/welcome/${encodeURIComponent(code)}`, signal),
    retry: false,
  });
  const ways = useItem<SignOnView>("/api/v1/sign-on");
  useEffect(() => {
    document.title = "Welcome · Onefold";
  }, []);
  if (found.isPending) return null;
  return (
    <main className={classes.page}>
      {found.data ? (
        <section className={classes.box}>
          <h1 className={classes.title}>
            {found.data.is_new ? "Welcome to Onefold" : "Set another password"}
          </h1>
          {ways.data?.label ? <ProviderButton label={ways.data.label} next="/" /> : null}
          {found.data.password ? <SetPassword code={code} welcome={found.data} /> : null}
        </section>
      ) : (
        <Notice title="This link is no good any more" command="onefold open">
          It was used already, or is too old. Ask whoever invited you for a fresh one, or{" "}
          <a href="/">sign in</a>. On the server's machine, this command prints one.
        </Notice>
      )}
    </main>
  );
}

function SetPassword({ code, welcome }: { code: string; welcome: WelcomeView }) {
  const [said, setSaid] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [needsCode, setNeedsCode] = useState(false);

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const name = String(given.get("name") ?? "").trim();
    setBusy(true);
    try {
      await postJson("/api/v1/welcome", {
        code,
        password: String(given.get("password")),
        second_code: String(given.get("code") ?? ""),
        ...(name ? { name } : {}),
      });
      window.location.replace("/");
    } catch (error) {
      if (error instanceof ApiError && error.code === "api.code_needed") setNeedsCode(true);
      setSaid(wordsOf(error));
      setBusy(false);
    }
  }

  return (
    <form className={classes.form} onSubmit={send}>
      <TextInput
        label="E-mail address"
        value={welcome.email}
        readOnly
        name="email"
        autoComplete="username"
      />
      {welcome.is_new ? (
        <TextInput
          label="Your name"
          name="name"
          defaultValue={welcome.name}
          autoComplete="name"
          required
          withAsterisk={false}
        />
      ) : null}
      <PasswordInput
        label="Password"
        description={`At least ${CHARS_MIN} characters: a few words that do not belong together.`}
        name="password"
        autoComplete="new-password"
        minLength={CHARS_MIN}
        required
        withAsterisk={false}
      />
      {needsCode ? (
        <TextInput
          label="Code of your authenticator, or a recovery code"
          name="code"
          autoComplete="one-time-code"
        />
      ) : null}
      <p className={classes.said} role="status">
        {said}
      </p>
      <div className={classes.actions}>
        <Button type="submit" size="sm" loading={isBusy}>
          Set password and sign in
        </Button>
      </div>
    </form>
  );
}
