import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { wordsOf } from "../../api/client";
import type { MeView, SessionView, SignOnView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { useListing } from "../../api/useListing";
import { type Column, ListingTable } from "../../components/DataTable";
import form from "../../components/form.module.css";
import { Notice } from "../../components/Notice";
import { PageFrame } from "../../components/PageFrame";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { Status } from "../../components/Status";
import { When } from "../../components/When";
import classes from "./account.module.css";
import { SecondFactor } from "./SecondFactor";

/** Your name, your password, and where you are signed in. */
export default function Page() {
  const me = useItem<MeView>("/api/v1/me");
  return <Shown of={me}>{(known) => <Account me={known} />}</Shown>;
}

function Account({ me }: { me: MeView }) {
  return (
    <PageFrame title="Your account" meaning={me.email ?? "Whoever holds the server's machine"}>
      {me.email ? (
        <>
          <Name me={me} />
          <WaysIn ways={me.signs_in_by} />
          {me.signs_in_by.includes("password") ? (
            <>
              <Password />
              <SecondFactor />
            </>
          ) : null}
        </>
      ) : (
        <Notice title="You are here by the link of the server" level={2}>
          You may do anything. To sign in by a password from anywhere, invite yourself as owner in
          the settings.
        </Notice>
      )}
      <Sessions />
    </PageFrame>
  );
}

function Name({ me }: { me: MeView }) {
  const [name, setName] = useState(me.name);
  const change = useChange();
  function send(event: FormEvent) {
    event.preventDefault();
    change.mutate({ method: "PATCH", path: "/api/v1/me", body: { name: name.trim() } });
  }
  return (
    <form className={form.form} onSubmit={send}>
      <TextInput
        label="Your name"
        value={name}
        error={change.error ? wordsOf(change.error) : null}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button
        type="submit"
        size="sm"
        variant="default"
        disabled={!name.trim() || name.trim() === me.name}
        loading={change.isPending}
      >
        Save name
      </Button>
    </form>
  );
}

/** How you sign in, where there is more to it than a password. */
function WaysIn({ ways }: { ways: string[] }) {
  const server = useItem<SignOnView>("/api/v1/sign-on").data;
  const label = server?.label;
  if (!label) return null;
  const isBound = ways.includes("provider");
  return (
    <Section title="How you sign in">
      <p>
        <Status tone={isBound ? "ok" : "idle"} word={isBound ? `With ${label}` : "By password"} />
        <span className={classes.dim}>
          {isBound
            ? ` It asks for a second factor where it wants one.${ways.includes("password") && server.password ? " Your password lets you in, too." : ""}`
            : ` Sign in with ${label} once, by this address, and you are known there, too.`}
        </span>
      </p>
    </Section>
  );
}

function Password() {
  const change = useChange(() => window.location.assign("/"));
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const body = { old: String(given.get("old")), new: String(given.get("new")) };
    change.mutate({ method: "POST", path: "/api/v1/me/password", body });
  }
  return (
    <Section title="Password">
      <form className={form.form} onSubmit={send}>
        <PasswordInput
          label="Password until now"
          name="old"
          autoComplete="current-password"
          required
          withAsterisk={false}
        />
        <PasswordInput
          label="New password"
          name="new"
          autoComplete="new-password"
          minLength={12}
          required
          withAsterisk={false}
        />
        <Button type="submit" size="sm" variant="default" loading={change.isPending}>
          Set password
        </Button>
      </form>
      <p className={classes.dim} role="status">
        {change.error
          ? wordsOf(change.error)
          : "At least 12 characters. You sign in again then, everywhere."}
      </p>
    </Section>
  );
}

function Sessions() {
  const sessions = useListing<SessionView>("/api/v1/me/sessions", {}, { on: ["config"] });
  const change = useChange();
  const end = (id: string) =>
    change.mutate({ method: "DELETE", path: `/api/v1/me/sessions/${id}` });
  const columns: Column<SessionView>[] = [
    { name: "Browser", show: (one) => nameOf(one.agent) },
    { name: "From", show: (one) => one.address || "–" },
    { name: "Last seen", show: (one) => <When at={one.last_seen_at} /> },
    {
      name: "",
      show: (one) =>
        one.is_this ? (
          "this one"
        ) : (
          <Button size="compact-xs" variant="default" onClick={() => end(one.id)}>
            Sign out
          </Button>
        ),
    },
  ];
  return (
    <Section
      title="Where you are signed in"
      aside={
        (sessions.data?.length ?? 0) > 1 ? (
          <Button size="compact-xs" variant="default" onClick={() => end("others")}>
            Sign out everywhere else
          </Button>
        ) : null
      }
    >
      <ListingTable
        of={sessions}
        columns={columns}
        keyOf={(one) => one.id}
        empty={<p className={classes.dim}>Nowhere.</p>}
      />
    </Section>
  );
}

/** The browser's name out of what it calls itself; the whole where that says nothing. */
function nameOf(agent: string): string {
  const known = ["Edg", "OPR", "Firefox", "Chrome", "Safari"].find((name) =>
    agent.includes(`${name}/`),
  );
  return { Edg: "Edge", OPR: "Opera" }[known ?? ""] ?? known ?? (agent || "–");
}
