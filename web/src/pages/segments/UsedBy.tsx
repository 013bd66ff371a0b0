import { Link } from "wouter";
import type { SegmentUseView } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { Section } from "../../components/Section";
import { Status } from "../../components/Status";
import classes from "./preview.module.css";

/** What builds on a segment. */
export function UsedBy({ id }: { id: string | number }) {
  const use = useItem<SegmentUseView>(`/api/v1/segments/${id}/used-by`, { on: ["config"] }).data;
  if (!use) return null;
  const isUnused = use.goals.length + use.segments.length === 0;
  return (
    <Section title="Used by">
      {isUnused ? (
        <p className={classes.dim}>Nothing: no goal and no segment builds on it.</p>
      ) : null}
      <ul className={classes.list}>
        {use.goals.map((one) => (
          <li key={`goal ${one.id}`}>
            <Link href={`/connections/${one.connection_id}`}>
              {one.connection}, {one.name}
            </Link>{" "}
            <Status tone={one.enabled ? "ok" : "idle"} word={one.enabled ? "On" : "Off"} />
          </li>
        ))}
        {use.segments.map((one) => (
          <li key={`segment ${one.id}`}>
            <Link href={`/segments/${one.id}`}>{one.name}</Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
