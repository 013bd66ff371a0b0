import { Link } from "wouter";
import type { ConnectionHolds } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { formatCount, formatExact } from "../../components/format";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { Status } from "../../components/Status";
import classes from "./profile.module.css";

const WORDS = { accepted: "ok", refused: "bad", unknown: "idle" } as const;

/** By connection, what the destination holds of the person, what waits, and what was given up. */
export function Deliveries({ id }: { id: number }) {
  const held = useItem<{ items: ConnectionHolds[] }>(`/api/v1/profiles/${id}/deliveries`, {
    on: ["deliveries", "people", "config"],
    pace: "calm",
  });
  return (
    <Section title="Deliveries">
      <Shown of={held}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={classes.dim}>
              Nothing is kept up to date for this person, and nothing waits.
            </p>
          ) : (
            <ul className={classes.list}>
              {items.map((one) => (
                <li key={one.connection_id}>
                  <Connection held={one} />
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </Section>
  );
}

function Connection({ held }: { held: ConnectionHolds }) {
  const count = held.fields.length;
  return (
    <details>
      <summary>
        <span className={classes.value}>{held.connection}</span>{" "}
        <span className={classes.small}>
          {formatCount(count, "field", "fields")}
          {held.waiting > 0 ? ` · ${formatExact(held.waiting)} waiting` : ""}
          {held.dead_letters.length > 0 ? ` · ${held.dead_letters.length} given up` : ""}
        </span>
      </summary>
      <div className={classes.under}>
        {held.fields.map((field) => (
          <p key={`${field.goal_id}:${field.field}`} className={classes.pair}>
            <span>{field.field}</span>
            <Status tone={WORDS[field.state]} word={field.state} />
          </p>
        ))}
        {held.dead_letters.map((letter) => (
          <p key={letter.id}>
            <Link href={`/dead-letters/${letter.id}`}>{letter.code}</Link> {letter.reason}
          </p>
        ))}
        <Link href={`/connections/${held.connection_id}`}>Open {held.connection}</Link>
      </div>
    </details>
  );
}
