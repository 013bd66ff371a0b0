import { TextInput } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { AudiencePicker } from "./AudiencePicker";
import { EventRows } from "./EventRows";
import type { Editing } from "./editing";
import classes from "./goal.module.css";
import { Identifiers } from "./Identifiers";
import { IntakeRows } from "./IntakeRows";
import { MappingRows } from "./MappingRows";
import { Match } from "./Match";
import { problemAt } from "./problems";
import { ScheduleEditor } from "./ScheduleEditor";
import { Settings } from "./Settings";
import { isForPeople, type Step, type StepId } from "./steps";
import { Who } from "./Who";

const QUESTIONS: Record<StepId, string> = {
  what: "What does it do?",
  who: "Whom is it for?",
  match: "How are people found?",
  fields: "What is sent?",
  when: "When does it run?",
};

/** The steps of the form; the address says which one you went to. */
export function StepNavigation({ steps }: { steps: Step[] }) {
  const hash = useSyncExternalStore(listenToHash, () => location.hash);
  return (
    <nav aria-label="Steps" className={classes.steps}>
      {steps.map((step, place) => (
        <a
          key={step.id}
          href={`#${step.id}`}
          aria-current={hash === `#${step.id}` || (hash === "" && place === 0) ? "step" : undefined}
        >
          {step.title}
        </a>
      ))}
    </nav>
  );
}

function listenToHash(onChange: () => void): () => void {
  addEventListener("hashchange", onChange);
  return () => removeEventListener("hashchange", onChange);
}

export function Steps({ editing, steps }: { editing: Editing; steps: Step[] }) {
  return steps.map((step) => (
    <section
      key={step.id}
      id={step.id}
      className={classes.step}
      aria-labelledby={`${step.id}-title`}
    >
      <h2 id={`${step.id}-title`}>{questionOf(step, editing)}</h2>
      <Own id={step.id} editing={editing} />
      <Listed editing={editing} step={step} />
      <Settings editing={editing} fields={step.settings.filter((one) => !one.is_listed)} />
      {step.id === "when" ? <ScheduleEditor editing={editing} /> : null}
    </section>
  ));
}

function questionOf(step: Step, { kind }: Editing): string {
  if (step.id === "fields" && kind.feed === "rows") return "What is brought in?";
  if (step.id === "fields" && kind.feed === "events") return "What do events look like there?";
  return QUESTIONS[step.id];
}

/** What a step has beside settings. */
function Own({ id, editing }: { id: StepId; editing: Editing }) {
  const { draft, change, kind, problems } = editing;
  const { feed } = kind;
  if (id === "what") {
    return (
      <div className={classes.settings}>
        <TextInput
          label="Name"
          value={draft.name}
          maxLength={200}
          error={problemAt(problems, "name")}
          onChange={(event) => change({ ...draft, name: event.currentTarget.value })}
        />
      </div>
    );
  }
  if (id === "who" && isForPeople(kind)) return <Who editing={editing} />;
  if (id === "match") {
    if (draft.intake) return <Identifiers editing={editing} intake={draft.intake} />;
    return kind.match.length > 0 ? <Match editing={editing} /> : null;
  }
  if (id === "fields") {
    if (feed === "profiles") return <MappingRows editing={editing} />;
    if (feed === "events") return <EventRows editing={editing} />;
    if (draft.intake) return <IntakeRows editing={editing} intake={draft.intake} />;
  }
  return null;
}

/** Settings whose values the account knows: of a goal that brings people in, the group of people. */
function Listed({ editing, step }: { editing: Editing; step: Step }) {
  return step.settings
    .filter((one) => one.is_listed)
    .map((field) =>
      editing.kind.feed === "rows" ? (
        <AudiencePicker key={field.name} editing={editing} field={field} />
      ) : (
        <Settings key={field.name} editing={editing} fields={[field]} />
      ),
    );
}
