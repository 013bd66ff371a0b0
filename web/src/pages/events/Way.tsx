import type { ReactNode } from "react";
import { Link } from "wouter";
import type { EventTrace, GoalTrace, LetterTrace } from "../../api/schema";
import { Status, type Tone } from "../../components/Status";
import { When } from "../../components/When";
import classes from "./events.module.css";

type Outcome = EventTrace["capture"]["outcome"];

const TONES: Record<Outcome, Tone> = {
  passed: "ok",
  filtered: "idle",
  rejected: "bad",
  deferred: "warn",
};
const WORDS: Record<Outcome, string> = {
  passed: "passed",
  filtered: "left out",
  rejected: "refused",
  deferred: "waits",
};

/** Every stage that an event passed, in its order, with time and outcome. */
export function Way({ of: event }: { of: EventTrace }) {
  const { capture, unify, segment, activate } = event;
  return (
    <ol className={classes.way}>
      <Step title="Received" outcome={capture.outcome} at={capture.received_at}>
        <p>
          From <Link href={`/sources/${event.source.id}`}>{event.source.name || "a source"}</Link>
          {capture.offset ? `, record ${capture.offset}` : ""}
        </p>
        {capture.run_id ? (
          <p>
            Brought by <Link href={`/runs/${capture.run_id}`}>a run</Link>
          </p>
        ) : null}
        {capture.replay_of ? (
          <p>
            Replayed from <Link href={`/dead-letters/${capture.replay_of}`}>a dead letter</Link>
          </p>
        ) : null}
        <Letter of={capture.letter} />
      </Step>
      {unify ? (
        <Step title="Whose is it?" outcome={unify.outcome} at={unify.committed_at}>
          {unify.profile_id ? (
            <p>
              <Link href={`/profiles/${unify.profile_id}`}>Person {unify.profile_id}</Link>
            </p>
          ) : unify.outcome === "passed" ? (
            <p>Nobody that is known: a guest's.</p>
          ) : null}
          {unify.code === "unify.duplicate" ? (
            <p>
              It was received before{" "}
              {unify.first_receipt ? <When at={unify.first_receipt.received_at} /> : null}, and
              counts once.
            </p>
          ) : (
            <p>{unify.message}</p>
          )}
          {(unify.links ?? []).map((link) => (
            <p key={`${link.first} ${link.second}`}>
              {link.decision}: {link.first} and {link.second}
            </p>
          ))}
          <Letter of={unify.letter} />
        </Step>
      ) : null}
      {segment ? (
        <Step title="Segments" outcome={segment.outcome} at={unify?.committed_at}>
          {(segment.memberships ?? []).length === 0 ? <p>No membership changed.</p> : null}
          {(segment.memberships ?? []).map((move) => (
            <p key={move.segment_id}>
              {move.entered ? "Entered " : "Left "}
              <Link href={`/segments/${move.segment_id}`}>{move.segment}</Link>
            </p>
          ))}
        </Step>
      ) : null}
      {activate.map((goal) => (
        <Goal key={goal.goal_id} of={goal} />
      ))}
    </ol>
  );
}

function Goal({ of: goal }: { of: GoalTrace }) {
  const last = goal.attempts.at(-1);
  return (
    <Step
      title={
        <>
          <Link href={`/connections/${goal.connection_id}`}>{goal.connection}</Link>, {goal.goal}
        </>
      }
      outcome={goal.outcome}
      at={last?.answered_at}
    >
      {goal.message ? <p>{goal.message}</p> : null}
      {goal.code ? (
        <p>
          <code>{goal.code}</code>
        </p>
      ) : null}
      {goal.attempts.length > 1 ? <p>{goal.attempts.length} attempts</p> : null}
      {goal.waiting.map((one) =>
        one.retry_at ? (
          <p key={one.request_id}>
            Tried again <When at={one.retry_at} />
          </p>
        ) : null,
      )}
      {goal.note ? <p className={classes.dim}>{goal.note}</p> : null}
      <Letter of={goal.letter} />
    </Step>
  );
}

interface StepProps {
  title: ReactNode;
  outcome: Outcome;
  at: string | undefined;
  children: ReactNode;
}

function Step({ title, outcome, at, children }: StepProps) {
  return (
    <li className={classes.step}>
      <div className={classes.stage}>
        <h3>{title}</h3>
        <Status tone={TONES[outcome]} word={WORDS[outcome]} />
        {at ? <When at={at} /> : null}
      </div>
      <div className={classes.told}>{children}</div>
    </li>
  );
}

function Letter({ of: letter }: { of: LetterTrace | null | undefined }) {
  if (!letter) return null;
  return (
    <p>
      {letter.reason} {letter.hint}{" "}
      <Link href={`/dead-letters/${letter.id}`}>Mend and replay it</Link>
    </p>
  );
}
