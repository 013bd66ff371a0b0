import type { Attention } from "../../api/flow";
import { Section } from "../../components/Section";
import { Status } from "../../components/Status";
import { Words } from "../../components/Words";
import classes from "./overview.module.css";

const WORST_FIRST = { error: 0, warning: 1 } as const;

/** What someone has to do something about, worst first. */
export function AttentionList({ items }: { items: Attention[] }) {
  if (items.length === 0) {
    return (
      <Section title="Needs attention">
        <p className={classes.dim}>Nothing.</p>
      </Section>
    );
  }
  const sorted = [...items].sort((a, b) => WORST_FIRST[a.level] - WORST_FIRST[b.level]);
  return (
    <div className={classes.urgent}>
      <Section title={`Needs attention (${items.length})`}>
        <ul className={classes.rows}>
          {sorted.map((item) => (
            <li key={item.message} className={classes.attention}>
              {item.level === "error" ? (
                <Status tone="bad" word="Error" />
              ) : (
                <Status tone="warn" word="Warning" />
              )}
              <span>
                {item.message}{" "}
                <span className={classes.dim}>
                  <Words text={item.hint} />
                </span>
              </span>
            </li>
          ))}
        </ul>
      </Section>
    </div>
  );
}
