import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";
import type { ProfileView } from "../../../api/schema";
import { useListing } from "../../../api/useListing";
import { useMay } from "../../../api/useMe";
import { nameOf } from "../../profiles/nameOf";
import classes from "./goal.module.css";

const FOUND_MAX = 6;

interface Props {
  profile: ProfileView | undefined;
  onChoose(profile_id: number): void;
}

/** For whom the preview is: somebody whom the goal is for, until another is chosen. */
export function PersonPicker({ profile, onChoose }: Props) {
  const mayFind = useMay("personal");
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 200);
  return (
    <div className={classes.person}>
      {profile ? (
        <p>
          For <Link href={`/profiles/${profile.id}`}>{nameOf(profile)}</Link>
        </p>
      ) : null}
      {mayFind ? (
        <TextInput
          size="xs"
          aria-label="Preview for another person"
          placeholder="Another person: e-mail, user id…"
          leftSection={<IconSearch size={16} stroke={1.6} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      ) : null}
      {search ? (
        <Found
          search={search}
          onChoose={(id) => {
            setTyped("");
            onChoose(id);
          }}
        />
      ) : null}
    </div>
  );
}

function Found({ search, onChoose }: { search: string; onChoose(profile_id: number): void }) {
  const people = useListing<ProfileView>("/api/v1/profiles", { search }).data;
  if (people === undefined) return null;
  if (people.length === 0)
    return <p className={classes.dim}>Nobody has an identifier like that.</p>;
  return (
    <ul className={classes.found}>
      {people.slice(0, FOUND_MAX).map((one) => (
        <li key={one.id}>
          <button type="button" onClick={() => onChoose(one.id)}>
            {nameOf(one)}
          </button>
        </li>
      ))}
    </ul>
  );
}
