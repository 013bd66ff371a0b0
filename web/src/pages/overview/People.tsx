import { Link } from "wouter";
import { Count } from "../../components/Count";
import { formatExact, formatShare } from "../../components/format";
import { Section } from "../../components/Section";
import classes from "./overview.module.css";

interface Props {
  total: number;
  /** Those with an identifier that they gave us themselves. */
  known: number;
}

export function People({ total, known }: Props) {
  return (
    <Section title="People">
      <div className={classes.figure} data-testid="people">
        <Link href="/profiles">{formatExact(total)}</Link>
      </div>
      <p className={classes.dim}>
        <Count value={known} unit="known people" /> known, {formatShare(known, total)}
      </p>
      <div className={classes.meter} aria-hidden="true">
        <div style={{ width: `${total > 0 ? (known / total) * 100 : 0}%` }} />
      </div>
    </Section>
  );
}
