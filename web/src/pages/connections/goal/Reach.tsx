import type { GoalReachView, ReasonView, TrafficView } from "../../../api/schema";
import { Facts } from "../../../components/Facts";
import { formatExact, formatMs } from "../../../components/format";
import classes from "./goal.module.css";

/** What a first run comes to, for everyone. */
export function Reach({ reach }: { reach: GoalReachView }) {
  const about = reach.exact ? "" : "about ";
  const number = (value: number) => about + formatExact(value);
  return (
    <>
      <Facts
        facts={{
          People: `${number(reach.people)}, ${number(reach.sent)} of them with something to send`,
          Fields: number(reach.fields),
          "Data points": number(reach.data_points),
          Time: timeOf(reach.seconds),
        }}
      />
      <LeftOut reasons={reach.left_out} about={about} />
    </>
  );
}

/** What a goal that sends events comes to: a day, or all the past. */
export function Traffic({ title, traffic }: { title: string; traffic: TrafficView }) {
  const about = traffic.exact ? "" : "about ";
  return (
    <>
      <h4 className={classes.minor}>{title}</h4>
      <Facts
        facts={{
          Events: `${about}${formatExact(traffic.events)}, ${formatExact(traffic.sent)} of them sent`,
          "Data points": `${about}${formatExact(traffic.data_points)}`,
          Time: timeOf(traffic.seconds),
        }}
      />
      <LeftOut reasons={traffic.left_out} about={about} />
    </>
  );
}

function timeOf(seconds: number | null): string | null {
  if (seconds === null) return null;
  return seconds < 1 ? "less than a second" : `about ${formatMs(seconds * 1_000)}`;
}

function LeftOut({ reasons, about }: { reasons: ReasonView[]; about: string }) {
  if (reasons.length === 0) return null;
  return (
    <ul className={classes.reasons}>
      {reasons.map((one) => (
        <li key={`${one.outcome} ${one.code}`}>
          {about}
          {formatExact(one.count)} {one.outcome}:{" "}
          {one.meaning ? <span title={one.code}>{one.meaning}</span> : <code>{one.code}</code>}
        </li>
      ))}
    </ul>
  );
}
