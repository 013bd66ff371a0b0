import { useDebouncedValue } from "@mantine/hooks";
import type { GoalTrialView, ProfileView } from "../../../api/schema";
import { useAsked } from "../../../api/useAsked";
import { Payload } from "../../../components/Payload";
import { Problem } from "../../../components/Problem";
import { Words } from "../../../components/Words";
import { type Draft, wishOf } from "./draft";
import classes from "./goal.module.css";
import { PersonPicker } from "./PersonPicker";

interface Props {
  path: string;
  draft: Draft;
  profile: ProfileView | undefined;
  onChoose(profile_id: number): void;
}

/** The request that a goal would make for one person; nothing is sent. */
export function Trial({ path, draft, profile, onChoose }: Props) {
  const [asked] = useDebouncedValue(draft, 300);
  const person = { profile_id: profile?.id ?? 0 };
  const body = { draft: wishOf(asked), goal: "", person };
  const { data, error } = useAsked<GoalTrialView>(`${path}/goals/try`, body);
  return (
    <>
      <h2>Preview</h2>
      <PersonPicker profile={profile} onChoose={onChoose} />
      {profile ? null : (
        <p className={classes.dim}>For a person without any value, until you choose one.</p>
      )}
      <Problem of={error} />
      {data && error === null ? (
        <section aria-label="For this person" className={classes.part}>
          {data.problem ? (
            <p role="alert">
              <Words text={`${data.problem.message} ${data.problem.hint}`} />
            </p>
          ) : null}
          {data.request ? (
            <Payload
              title={`${data.request.method} ${data.request.url}`}
              value={data.request.body}
            />
          ) : null}
        </section>
      ) : null}
    </>
  );
}
