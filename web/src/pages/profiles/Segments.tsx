import { Link } from "wouter";
import type { WhyView } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { Status } from "../../components/Status";
import { When } from "../../components/When";
import classes from "./profile.module.css";
import { Why } from "./Why";

/** Every segment, whether the person is in it, and why; those with the person first. */
export function Segments({ id }: { id: number }) {
  const why = useItem<{ items: WhyView[] }>(`/api/v1/profiles/${id}/segments`, {
    on: ["people", "config"],
    pace: "calm",
  });
  return (
    <Section title="Segments">
      <Shown of={why}>
        {({ items }) =>
          items.length > 0 ? (
            <ul className={classes.list}>
              {[...items]
                .sort((one, other) => Number(other.member) - Number(one.member))
                .map((one) => (
                  <li key={one.segment_id}>
                    <details>
                      <summary>
                        <Status
                          tone={one.member ? "ok" : "idle"}
                          word={one.member ? "In" : "Not in"}
                        />{" "}
                        <span className={classes.value}>{one.name}</span>
                        {one.since ? (
                          <span className={classes.small}>
                            {" "}
                            since <When at={one.since} />
                          </span>
                        ) : null}
                      </summary>
                      <div className={classes.under}>
                        <Why why={one.why} />
                        <Link href={`/segments/${one.segment_id}`}>Open {one.name}</Link>
                      </div>
                    </details>
                  </li>
                ))}
            </ul>
          ) : (
            <p className={classes.dim}>There is no segment yet.</p>
          )
        }
      </Shown>
    </Section>
  );
}
