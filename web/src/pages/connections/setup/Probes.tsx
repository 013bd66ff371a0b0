import { useEffect, useRef } from "react";
import type { TrialView } from "../../../api/schema";
import { Status, type Tone } from "../../../components/Status";
import { Words } from "../../../components/Words";
import classes from "./setup.module.css";

type Probe = TrialView["probes"][number];

/** What a test found: each permission by itself, with what to do where it is missing. */
export function Probes({ of: trial }: { of: TrialView }) {
  const missing = trial.probes.filter((one) => one.needed && !one.passed).length;
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    place.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <section ref={place} className={classes.probes} aria-label="Result of the test">
      <p role="status">
        <Status
          tone={trial.passed ? "ok" : "bad"}
          word={
            trial.passed
              ? "It works: nothing that is needed is missing."
              : `${missing} of what is needed ${missing === 1 ? "does" : "do"} not work.`
          }
        />
      </p>
      <ul>
        {trial.probes.map((one) => (
          <li key={one.name}>
            <Found of={one} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Found({ of: probe }: { of: Probe }) {
  const [tone, word] = judge(probe);
  return (
    <>
      <span className={classes.verdict}>
        <Status tone={tone} word={word} />
      </span>
      <span className={classes.words}>
        <code>{probe.name}</code>
        {probe.needed_for ? (
          <span className={classes.dim}>
            {" "}
            for {probe.needed_for}
            {probe.needed ? "" : ", not needed now"}
          </span>
        ) : null}
        {probe.message ? (
          <span className={classes.message}>
            <Words text={probe.message} />
          </span>
        ) : null}
      </span>
    </>
  );
}

function judge(probe: Probe): [Tone, string] {
  if (probe.passed) return ["ok", "Works"];
  return probe.needed ? ["bad", "Missing"] : ["idle", "Missing"];
}
