import { TextInput } from "@mantine/core";
import { useSearchParams } from "wouter";
import type { ProfileView } from "../../api/schema";
import { useMay } from "../../api/useMe";
import { Section } from "../../components/Section";
import { inLine, MASK } from "../../components/value";
import { When } from "../../components/When";
import classes from "./profile.module.css";

/** So many are taken in at a glance. */
const FILTERED_FROM = 8;

interface Props {
  profile: ProfileView;
  sourceName(id: number): string;
}

/** What was said of the person: value, by which source, when. */
export function Traits({ profile, sourceName }: Props) {
  const maySee = useMay("personal");
  const [params, setParams] = useSearchParams();
  const wanted = params.get("trait") ?? "";
  const all = profile.trait_details;
  const shown = all.filter((one) =>
    [one.name, maySee ? inLine(one.value) : ""]
      .join(" ")
      .toLowerCase()
      .includes(wanted.toLowerCase()),
  );

  function filter(text: string) {
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (text) after.set("trait", text);
        else after.delete("trait");
        return after;
      },
      { replace: true },
    );
  }

  return (
    <Section title="Traits" aside={all.length > 0 ? all.length : null}>
      {all.length >= FILTERED_FROM || wanted ? (
        <TextInput
          size="sm"
          mb="sm"
          aria-label="Filter traits"
          placeholder="Filter by name or value"
          value={wanted}
          onChange={(event) => filter(event.currentTarget.value)}
        />
      ) : null}
      {all.length === 0 ? (
        <p className={classes.dim}>Nothing was said of this person yet.</p>
      ) : (
        <dl className={classes.traits}>
          {shown.map((one) => (
            <div key={one.name}>
              <dt>{one.name}</dt>
              {/* A hidden number comes as null, as a trait without a value does; only the right tells them apart. */}
              <dd>{maySee ? inLine(one.value) : MASK}</dd>
              <dd className={classes.small}>
                {[sourceName(one.source_id), (one.run_ids ?? []).length > 0 ? "import" : ""]
                  .filter(Boolean)
                  .map((word) => `${word} · `)}
                <When at={one.occurred_at} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {all.length > 0 && shown.length === 0 ? (
        <p className={classes.dim}>No trait has that in its name or value.</p>
      ) : null}
    </Section>
  );
}
