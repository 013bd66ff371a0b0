import { Loader } from "@mantine/core";
import type { GoalPreviewView } from "../../../api/schema";
import { Payload } from "../../../components/Payload";
import { Problem } from "../../../components/Problem";
import { Status, type Tone } from "../../../components/Status";
import { When } from "../../../components/When";
import { Words } from "../../../components/Words";
import classes from "./goal.module.css";
import { PersonPicker } from "./PersonPicker";
import { Reach, Traffic } from "./Reach";
import type { Previewed } from "./usePreview";

interface Props {
  of: Previewed;
  onChoose(profile_id: number): void;
}

/** What would be sent for one real person, and what it comes to for everyone; nothing is sent. */
export function Preview({ of: { look, reach, profile }, onChoose }: Props) {
  const found = look.error ? undefined : look.data;
  return (
    <>
      <div className={classes.head}>
        <h2>Preview</h2>
        {look.isPending ? <Loader size={14} aria-label="Looking" /> : null}
      </div>
      <PersonPicker profile={profile} onChoose={onChoose} />
      <Missing of={look.error} />
      {found ? <Look look={found} /> : null}
      {look.error === null && reach.data ? <Comes of={reach.data} /> : null}
    </>
  );
}

/** What is not filled in yet is no mistake: it is what remains to be done. */
function Missing({ of: error }: { of: Previewed["look"]["error"] }) {
  if (error === null) return null;
  if (error.problems.length === 0) return <Problem of={error} />;
  return (
    <div className={classes.missing}>
      <p>There is a preview once this is right:</p>
      <ul>
        {error.problems.map((one) => (
          <li key={one.field}>
            <Words text={one.message} />
          </li>
        ))}
      </ul>
    </div>
  );
}

const OUTCOMES: Record<GoalPreviewView["outcome"], [Tone, string]> = {
  passed: ["ok", "Would be sent"],
  filtered: ["idle", "Would be left out"],
  rejected: ["bad", "Would be refused"],
};

function Look({ look }: { look: GoalPreviewView }) {
  const [tone, word] = OUTCOMES[look.outcome];
  const events = look.events ?? [];
  return (
    <section aria-label="For this person" className={classes.part}>
      <Status tone={tone} word={word} />
      {look.reason ? (
        <p className={classes.dim}>
          <Words text={look.reason} />
        </p>
      ) : null}
      {look.address ? (
        <p className={classes.dim}>
          Known there as <code>{look.address}</code>
        </p>
      ) : null}
      {events.length > 0 ? <Events events={events} /> : <Objects objects={look.objects} />}
    </section>
  );
}

function Objects({ objects }: { objects: GoalPreviewView["objects"] }) {
  return objects.map((one, place) => (
    <Payload
      // biome-ignore lint/suspicious/noArrayIndexKey: two objects may be alike in everything
      key={place}
      title={`${one.part || one.channel}, ${one.data_points} data points`}
      value={one.body}
    />
  ));
}

function Events({ events }: { events: NonNullable<GoalPreviewView["events"]> }) {
  return events.map((one) => (
    <details key={one.message_id} className={classes.folded}>
      <summary>
        {one.name} <When at={one.occurred_at} />: {OUTCOMES[one.outcome][1].toLowerCase()}
      </summary>
      {one.reason ? (
        <p className={classes.dim}>
          <Words text={`${one.reason} ${one.hint}`} />
        </p>
      ) : null}
      <Objects objects={one.objects} />
    </details>
  ));
}

/** What it comes to. */
export function Comes({ of: found }: { of: GoalPreviewView }) {
  return (
    <section aria-label="For everyone" className={classes.part}>
      <h3>{found.reach ? "A first run" : "For everyone"}</h3>
      {found.reach ? <Reach reach={found.reach} /> : null}
      {found.daily ? <Traffic title="A day" traffic={found.daily} /> : null}
      {found.backfill ? <Traffic title="The past, once" traffic={found.backfill} /> : null}
    </section>
  );
}
