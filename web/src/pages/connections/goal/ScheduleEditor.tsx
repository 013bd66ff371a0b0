import { NativeSelect } from "@mantine/core";
import type { Schedule } from "../../../api/schema";
import { Suggested } from "../../../components/Suggested";
import type { Editing } from "./editing";
import classes from "./goal.module.css";
import { NextRuns } from "./NextRuns";
import { problemAt } from "./problems";
import { RuleDetail } from "./RuleDetail";
import { RULES, type RuleKind, ruleIn, rulesFor } from "./schedule";

const ZONES = Intl.supportedValuesOf("timeZone");

/** When the goal runs, in the time zone that it names, and the next five times. */
export function ScheduleEditor({ editing }: { editing: Editing }) {
  const { draft, change, kind, problems } = editing;
  const kinds = rulesFor(kind.feed, draft.settings);
  const { schedule } = draft;
  const rule = ruleIn(schedule, kinds);
  const put = (changed: Partial<Schedule>) =>
    change({ ...draft, schedule: { ...schedule, ...changed } });
  const isTimed = rule.kind !== "continuous" && rule.kind !== "by_hand";
  if (kinds.length < 2) return null;
  return (
    <>
      <div className={classes.settings}>
        <NativeSelect
          label="It runs"
          data={kinds.map((value) => ({ value, label: RULES[value].title }))}
          value={rule.kind}
          error={problemAt(problems, "schedule.rule")}
          onChange={(event) => put({ rule: RULES[event.currentTarget.value as RuleKind].start })}
        />
        <RuleDetail rule={rule} onChange={(changed) => put({ rule: changed })} />
        {isTimed ? (
          <>
            <Suggested
              label="Time zone"
              suggestions={["UTC", ...ZONES]}
              value={schedule.timezone}
              error={problemAt(problems, "schedule.timezone")}
              onChange={(timezone) => put({ timezone })}
            />
            <NativeSelect
              label="If the run before has not ended"
              data={[
                { value: "skip", label: "Leave the new one out" },
                { value: "queue", label: "Let one wait" },
              ]}
              value={schedule.overlap}
              onChange={(event) => put({ overlap: event.currentTarget.value as "skip" | "queue" })}
            />
            <NativeSelect
              label="If a time was missed"
              data={[
                { value: "once", label: "Run once afterwards" },
                { value: "skip", label: "Leave it out" },
              ]}
              value={schedule.missed}
              onChange={(event) => put({ missed: event.currentTarget.value as "once" | "skip" })}
            />
          </>
        ) : null}
      </div>
      {isTimed ? <NextRuns schedule={schedule} /> : null}
    </>
  );
}
