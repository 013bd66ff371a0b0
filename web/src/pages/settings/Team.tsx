import { Button, NativeSelect, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { wordsOf } from "../../api/client";
import type { InvitedView, Role, TeammateView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useListing } from "../../api/useListing";
import { Command } from "../../components/Command";
import { type Column, ListingTable } from "../../components/DataTable";
import form from "../../components/form.module.css";
import { formatExactTime } from "../../components/format";
import { Notice } from "../../components/Notice";
import { Problem } from "../../components/Problem";
import { Status } from "../../components/Status";
import { When } from "../../components/When";
import classes from "./settings.module.css";

const PATH = "/api/v1/team";
const ALL: Record<Role, true> = {
  owner: true,
  admin: true,
  engineer: true,
  marketer: true,
  analyst: true,
  viewer: true,
};
const ROLES = Object.keys(ALL) as Role[];
const TONES = { active: "ok", invited: "idle", disabled: "warn" } as const;

/** Who may sign in, as what. */
export function Team() {
  const team = useListing<TeammateView>(PATH, {}, { on: ["config"] });
  const change = useChange();
  const invite = useChange<InvitedView>();
  const patch = (one: TeammateView, body: unknown) =>
    change.mutate({ method: "PATCH", path: `${PATH}/${one.id}`, body });
  const columns: Column<TeammateView>[] = [
    { name: "Address", show: (one) => one.email },
    { name: "Name", show: (one) => one.name, isExtra: true },
    {
      name: "Role",
      show: (one) => (
        <NativeSelect
          size="xs"
          miw={112}
          aria-label={`Role of ${one.email}`}
          data={ROLES}
          value={one.role}
          onChange={(event) => patch(one, { role: event.currentTarget.value })}
        />
      ),
    },
    {
      name: "Sees personal data",
      show: (one) => (
        <Switch
          size="xs"
          aria-label={`Show values of people to ${one.email}`}
          checked={one.personal}
          onChange={() => patch(one, { personal: !one.personal })}
        />
      ),
    },
    {
      name: "State",
      show: (one) => (
        <Status tone={TONES[one.state as keyof typeof TONES] ?? "idle"} word={one.state} />
      ),
    },
    {
      name: "Signs in by",
      show: (one) => one.signs_in_by.join(", ") || "–",
      isExtra: true,
    },
    { name: "Last sign-in", show: (one) => <When at={one.last_seen_at} />, isExtra: true },
    {
      name: "",
      show: (one) => (
        <div className={classes.actions}>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => invite.mutate({ method: "POST", path: `${PATH}/${one.id}/invite` })}
          >
            New link
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => patch(one, { enabled: one.state === "disabled" })}
          >
            {one.state === "disabled" ? "Let in" : "Keep out"}
          </Button>
        </div>
      ),
    },
  ];
  return (
    <div className={classes.stack}>
      <Invite invite={invite} />
      {invite.data ? <Invited of={invite.data} /> : null}
      <Problem of={change.error} />
      <ListingTable
        of={team}
        columns={columns}
        keyOf={(one) => one.id}
        empty={
          <Notice title="Nobody can sign in yet" level={2}>
            You are here by the link of the server. Invite yourself as owner first, then your team.
          </Notice>
        }
      />
    </div>
  );
}

function Invite({ invite }: { invite: ReturnType<typeof useChange<InvitedView>> }) {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("marketer");

  function send(event: FormEvent) {
    event.preventDefault();
    invite.mutate(
      { method: "POST", path: PATH, body: { email: email.trim(), role } },
      { onSuccess: () => setEmail("") },
    );
  }

  return (
    <form className={form.form} onSubmit={send}>
      <TextInput
        label="E-mail address"
        type="email"
        value={email}
        error={invite.error ? wordsOf(invite.error) : null}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <NativeSelect
        label="Role"
        data={ROLES}
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as Role)}
      />
      <Button type="submit" size="sm" disabled={!email.includes("@")} loading={invite.isPending}>
        Invite
      </Button>
    </form>
  );
}

function Invited({ of: { teammate, link, mailed, mail_problem } }: { of: InvitedView }) {
  return (
    <div role="status" className={classes.invited}>
      <p>
        {mailed
          ? `A mail is on its way to ${teammate.email}. `
          : `No mail was sent: ${mail_problem} `}
        This link sets a password, works once, and holds until{" "}
        {formatExactTime(Date.parse(link.expires_at))}:
      </p>
      <Command text={link.url} />
    </div>
  );
}
