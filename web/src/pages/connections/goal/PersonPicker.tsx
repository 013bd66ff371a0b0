import { Link } from "wouter";
import type { ProfileView } from "../../../api/schema";
import { useMay } from "../../../api/useMe";
import { nameOf } from "../../profiles/nameOf";
import { FindPerson } from "../FindPerson";
import classes from "./goal.module.css";

interface Props {
  profile: ProfileView | undefined;
  onChoose(profileId: number): void;
}

/** For whom the preview is: somebody whom the goal is for, until another is chosen. */
export function PersonPicker({ profile, onChoose }: Props) {
  const mayFind = useMay("personal");
  return (
    <div className={classes.person}>
      {profile ? (
        <p>
          For <Link href={`/profiles/${profile.id}`}>{nameOf(profile)}</Link>
        </p>
      ) : null}
      {mayFind ? (
        <FindPerson
          size="xs"
          aria-label="Preview for another person"
          placeholder="Another person: e-mail, user id…"
          onChoose={onChoose}
        />
      ) : null}
    </div>
  );
}
