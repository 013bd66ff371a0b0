import { TextInput, type TextInputProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { ProfileView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { nameOf } from "../profiles/nameOf";
import classes from "./findPerson.module.css";

const FOUND_MAX = 6;

interface Props extends Omit<TextInputProps, "value" | "onChange"> {
  onChoose(profileId: number): void;
}

/** Finds a person by the beginning of an identifier: for who may see values of people. */
export function FindPerson({ onChoose, ...input }: Props) {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 200);
  return (
    <div>
      <TextInput
        {...input}
        leftSection={<IconSearch size={16} stroke={1.6} />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {typed.trim() && search ? (
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

function Found({ search, onChoose }: { search: string; onChoose(profileId: number): void }) {
  const people = useListing<ProfileView>("/api/v1/profiles", { search }).data;
  if (people === undefined) return null;
  if (people.length === 0)
    return <p className={classes.nobody}>Nobody has an identifier that begins so.</p>;
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
