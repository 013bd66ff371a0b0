import type { LinkView, ProfileView } from "../../api/schema";
import { Section } from "../../components/Section";
import { When } from "../../components/When";
import { linkWords } from "./linkWords";
import classes from "./profile.module.css";

interface Props {
  profile: ProfileView;
  links: LinkView[];
  sourceName(id: number | null): string;
}

/** What points to the person; each opens to the evidence that it does. */
export function Identifiers({ profile, links, sourceName }: Props) {
  return (
    <Section title="Identifiers" aside={profile.identifier_details.length || null}>
      <ul className={classes.list}>
        {profile.identifier_details.map((one) => {
          const evidence = links.filter(({ first, second }) =>
            [first, second].some((end) => end.kind === one.kind && end.value === one.value),
          );
          return (
            <li key={`${one.kind}:${one.value}`}>
              <details>
                <summary>
                  <span className={classes.dim}>{one.kind}</span>{" "}
                  <span className={classes.value}>{one.value}</span>
                </summary>
                <div className={classes.under}>
                  <p className={classes.small}>
                    First seen <When at={one.first_seen} />, last <When at={one.last_seen} />
                  </p>
                  {evidence.length === 0 ? (
                    <p className={classes.small}>
                      No other identifier was ever named together with it.
                    </p>
                  ) : (
                    evidence.map((link) => (
                      <p key={link.id}>
                        {linkWords(link)}{" "}
                        <span className={classes.small}>
                          {sourceName(link.source_id)} <When at={link.at} />
                        </span>
                      </p>
                    ))
                  )}
                </div>
              </details>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
