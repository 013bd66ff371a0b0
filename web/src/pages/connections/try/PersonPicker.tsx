import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { Link } from "wouter";
import type { ProfileView } from "../../../api/schema";
import { useItem } from "../../../api/useItem";
import { addressOf } from "../../../api/useListing";
import { nameOf } from "../../profiles/nameOf";
import classes from "./try.module.css";

const FOUND_MAX = 6;

interface Props {
  /** 0: somebody made up. */
  profileId: number;
  choose(profileId: number): void;
  /** Whether people may be searched by their values. */
  maySearch: boolean;
}

/** A real person, found by an identifier, or nobody real. */
export function PersonPicker({ profileId, choose, maySearch }: Props) {
  return profileId ? (
    <Chosen profileId={profileId} drop={() => choose(0)} />
  ) : maySearch ? (
    <Search choose={choose} />
  ) : (
    <p className={classes.dim}>
      You may not search people by their values: fill in values of somebody made up.
    </p>
  );
}

function Chosen({ profileId, drop }: { profileId: number; drop(): void }) {
  const profile = useItem<ProfileView>(`/api/v1/profiles/${profileId}`);
  return (
    <p className={classes.chosen}>
      <Link href={`/profiles/${profileId}`}>
        {profile.data ? nameOf(profile.data) : `Person ${profileId}`}
      </Link>
      <Button variant="default" size="compact-sm" onClick={drop}>
        Choose another
      </Button>
    </p>
  );
}

function Search({ choose }: { choose(profileId: number): void }) {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 200);
  const address = addressOf("/api/v1/profiles", { search, limit: FOUND_MAX });
  const found = useItem<{ items: ProfileView[] }>(address);
  return (
    <>
      <TextInput
        label="Find a person"
        description="By the beginning of an e-mail address, user id or phone number."
        size="sm"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <ul className={classes.found}>
        {(found.data?.items ?? []).map((one) => (
          <li key={one.id}>
            <Button variant="default" size="compact-sm" onClick={() => choose(one.id)}>
              {nameOf(one)}
            </Button>
          </li>
        ))}
        {found.data?.items.length === 0 ? (
          <li className={classes.dim}>Nobody has an identifier that begins so.</li>
        ) : null}
      </ul>
    </>
  );
}
