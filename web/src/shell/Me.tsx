import { Menu, UnstyledButton } from "@mantine/core";
import { IconUser } from "@tabler/icons-react";
import { Link } from "wouter";
import { postJson } from "../api/client";
import { useMe } from "../api/useMe";
import classes from "./Me.module.css";

/** Who is signed in, and the way out. */
export function Me() {
  const me = useMe();
  if (!me) return null;
  const name = me.email ? me.name : "This machine's owner";
  return (
    <Menu position="top-start" shadow="none" withinPortal>
      <Menu.Target>
        <UnstyledButton className={classes.me} aria-label={`Signed in as ${name}`} title={name}>
          <IconUser size={18} stroke={1.6} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {name}
          {me.email ? ` · ${me.role}` : null}
        </Menu.Label>
        <Menu.Item component={Link} href="/account">
          Your account
        </Menu.Item>
        <Menu.Item onClick={signOut}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

async function signOut() {
  await postJson("/api/v1/sign-out");
  window.location.assign("/");
}
