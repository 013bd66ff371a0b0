import { useDebouncedValue } from "@mantine/hooks";
import type { Schedule, ScheduleView } from "../../../api/schema";
import { useAsked } from "../../../api/useAsked";
import { Problem } from "../../../components/Problem";
import classes from "./goal.module.css";

/** When a schedule is due next, as the server reckons, in its own time zone. */
export function NextRuns({ schedule }: { schedule: Schedule }) {
  const [asked] = useDebouncedValue(schedule, 300);
  const found = useAsked<ScheduleView>("/api/v1/schedules/preview", { schedule: asked });
  if (found.error) return <Problem of={found.error} />;
  if (!found.data) return null;
  const format = formatIn(asked.timezone);
  return (
    <section aria-label="Next runs" className={classes.next}>
      <p>Runs {found.data.words}. Next:</p>
      <ul>
        {found.data.next_runs.map((at) => (
          <li key={at}>
            <time dateTime={at}>{format(new Date(at))}</time>
          </li>
        ))}
      </ul>
    </section>
  );
}

function formatIn(timeZone: string): (at: Date) => string {
  try {
    const form = new Intl.DateTimeFormat("en-GB", {
      weekday: "short",
      day: "numeric",
      month: "short",
      hour: "2-digit",
      minute: "2-digit",
      timeZoneName: "short",
      timeZone,
    });
    return (at) => form.format(at);
  } catch {
    return (at) => at.toISOString();
  }
}
