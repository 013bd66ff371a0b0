import { Button } from "@mantine/core";
import { Link } from "wouter";
import type { ProfileView } from "../../../api/schema";
import { useItem } from "../../../api/useItem";
import { nameOf } from "../../profiles/nameOf";
import { FindPerson } from "../FindPerson";
import classes from "./try.module.css";

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
    <FindPerson
      label="Find a person"
      description="By the beginning of an e-mail address, user id or phone number."
      size="sm"
      onChoose={choose}
    />
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
