import { useDebouncedValue } from "@mantine/hooks";
import { Link } from "wouter";
import type { SegmentPreviewView } from "../../api/schema";
import { useSegmentPreview } from "../../api/useSegmentPreview";
import { formatExact, formatShare } from "../../components/format";
import { Section } from "../../components/Section";
import { Words } from "../../components/Words";
import { nameOf } from "../profiles/nameOf";
import classes from "./preview.module.css";

/** Typing rests so long before the server is asked. */
const REST_MS = 250;

interface Props {
  /** As JSON; null while something is not filled in yet. */
  condition: string | null;
  /** The id of the segment that it changes; empty for a new one. */
  segment: string;
}

/** Who would be in it, while the condition is typed; the last answer stays until the next is there. */
export function PreviewPanel({ condition, segment }: Props) {
  const [rested] = useDebouncedValue(condition, REST_MS);
  const { data, error, isAwaited } = useSegmentPreview(rested, segment);
  const isOld = isAwaited || condition !== rested || condition === null || error !== null;
  return (
    <div className={classes.panel} data-old={isOld || undefined}>
      {error ? (
        <div role="alert">
          {error.problems.length > 0 ? (
            <ul className={classes.problems}>
              {error.problems.map((one) => (
                <li key={`${one.field} ${one.message}`}>{one.message}</li>
              ))}
            </ul>
          ) : (
            <Words text={error.message} />
          )}
        </div>
      ) : null}
      {data ? <Found preview={data} /> : null}
      <p className={classes.dim} aria-live="polite">
        {condition === null ? "Fill in what is marked to see who would be in it." : ""}
      </p>
    </div>
  );
}

function Found({ preview }: { preview: SegmentPreviewView }) {
  return (
    <>
      <Section title="People now" aside={<Basis preview={preview} />}>
        <p className={classes.count} data-testid="preview-people">
          {peopleIn(preview)}
        </p>
        {preview.people_now === null ? null : (
          <p className={classes.dim}>
            {formatExact(preview.people_now)} with the rule as it is kept
            {preview.entering === null ? "" : `; ${formatExact(preview.entering)} would enter`}
            {preview.leaving === null ? "" : `, ${formatExact(preview.leaving)} would leave`}
          </p>
        )}
        {preview.people === null ? (
          <p className={classes.dim}>
            How often {preview.needs_fill.join(", and ")} happened was not counted so far. Once you
            save the segment, the past is read, and the number is exact.
          </p>
        ) : null}
      </Section>
      <Section title="In words">
        <p>{preview.words}</p>
      </Section>
      {preview.coverage.length > 0 ? (
        <Section title="Can be reached by">
          <ul className={classes.list}>
            {preview.coverage.map((one) => (
              <li key={one.kind} className={classes.coverage}>
                <span>{one.kind}</span>
                <progress
                  aria-label={`People with ${one.kind}`}
                  max={Math.max(preview.people_max, 1)}
                  value={one.people}
                />
                <span>{formatShare(one.people, preview.people_max)}</span>
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      {preview.sample.length > 0 ? (
        <Section title={preview.people === null ? "Some who may be in it" : "Some of them"}>
          <ul className={classes.list}>
            {preview.sample.map((one) => (
              <li key={one.id}>
                <Link href={`/profiles/${one.id}`}>{nameOf(one)}</Link>
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
    </>
  );
}

function peopleIn(preview: SegmentPreviewView): string {
  if (preview.people === null) {
    return `${formatExact(preview.people_min)} to ${formatExact(preview.people_max)}`;
  }
  return `${preview.is_exact ? "" : "about "}${formatExact(preview.people)}`;
}

function Basis({ preview }: { preview: SegmentPreviewView }) {
  if (preview.is_exact || preview.people === null) return null;
  return <>estimated from {formatExact(preview.looked_at)} people</>;
}
