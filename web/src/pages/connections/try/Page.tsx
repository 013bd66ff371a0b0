import { Button, NativeSelect } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useParams, useSearchParams } from "wouter";
import type { ConnectionView, GoalTrial, GoalView } from "../../../api/schema";
import { useItem } from "../../../api/useItem";
import { useMay } from "../../../api/useMe";
import { Command } from "../../../components/Command";
import { Notice } from "../../../components/Notice";
import { PageFrame } from "../../../components/PageFrame";
import { Problem } from "../../../components/Problem";
import { Section } from "../../../components/Section";
import { Shown } from "../../../components/Shown";
import { RequestShown, ResponseShown } from "./Answer";
import { Pairs } from "./Pairs";
import { PersonPicker } from "./PersonPicker";
import classes from "./try.module.css";
import { useSendTest, useTrial } from "./useTrial";
import { type Pair, readPairs, readTexts } from "./values";

const TYPED_MS = 300;

/** What would this goal send for one person, and what comes back? */
export default function Page() {
  const { id = "", goal = "" } = useParams();
  const path = `/api/v1/connections/${encodeURIComponent(id)}`;
  const connection = useItem<ConnectionView>(path, { on: ["config"] });
  return (
    <Shown of={connection}>
      {(one) => {
        const found = one.goals.find((each) => String(each.id) === goal || each.name === goal);
        return found ? (
          <Panel connection={one} goal={found} path={path} />
        ) : (
          <Notice title="There is no such goal">It may have been deleted.</Notice>
        );
      }}
    </Shown>
  );
}

interface Props {
  connection: ConnectionView;
  goal: GoalView;
  path: string;
}

function Panel({ connection, goal, path }: Props) {
  const [params, setParams] = useSearchParams();
  const profileId = Number(params.get("profile")) || 0;
  const mayTry = useMay("activate");
  const maySearch = useMay("personal");
  const [identifiers, setIdentifiers] = useState<Pair[]>([]);
  const [traits, setTraits] = useState<Pair[]>([]);
  const [properties, setProperties] = useState<Pair[]>([]);
  const events = namesOf(goal.settings.events);
  const [event, setEvent] = useState(events[0] ?? "");
  const isOfEvent = goal.settings.when === "event";
  const given: GoalTrial = {
    goal: String(goal.id),
    person: {
      profile_id: profileId,
      identifiers: readTexts(identifiers),
      traits: readPairs(traits),
    },
    event: isOfEvent ? { name: event, page: "", properties: readPairs(properties) } : null,
  };
  const [trial] = useDebouncedValue(given, TYPED_MS);
  if (!mayTry) {
    return (
      <Notice title="You may not try goals">
        Ask an owner or admin for the right to make goals.
      </Notice>
    );
  }
  return (
    <PageFrame
      title={`Try ${goal.name}`}
      up={{ href: `/connections/${connection.id}`, name: connection.name }}
      meaning="See the request for one person, and send it once. It counts in no numbers."
    >
      <div className={classes.columns}>
        <div className={classes.given}>
          <Section title="Person">
            <PersonPicker
              profileId={profileId}
              choose={(chosen) => setParams(chosen ? { profile: String(chosen) } : {})}
              maySearch={maySearch}
            />
            <p className={classes.dim}>
              {profileId
                ? "What you fill in stands in place of theirs."
                : "Or fill in the values of somebody made up:"}
            </p>
            <Pairs
              title="Identifiers"
              noun="identifier"
              example="user_id"
              pairs={identifiers}
              set={setIdentifiers}
            />
            <Pairs
              title="Traits"
              noun="trait"
              example="first_name"
              pairs={traits}
              set={setTraits}
            />
          </Section>
          {isOfEvent ? (
            <Section title="Event">
              <NativeSelect
                label="Which"
                size="sm"
                data={events}
                value={event}
                onChange={(change) => setEvent(change.currentTarget.value)}
              />
              <Pairs
                title="Properties"
                noun="property"
                example="order_id"
                pairs={properties}
                set={setProperties}
              />
            </Section>
          ) : null}
        </div>
        <Result path={path} trial={trial} />
      </div>
      <Command
        text={`onefold connections goals try ${quote(connection.name)} ${quote(goal.name)} --identifier user_id=VALUE`}
      />
    </PageFrame>
  );
}

function Result({ path, trial }: { path: string; trial: GoalTrial }) {
  const found = useTrial(path, trial);
  const send = useSendTest(path);
  return (
    <div className={classes.result}>
      <Shown of={found}>
        {({ request, problem, notes }) => (
          <>
            <Section
              title="Request"
              aside={
                <Button
                  size="sm"
                  disabled={!request || (request.missing_secrets ?? []).length > 0}
                  loading={send.isPending}
                  onClick={() => send.mutate(trial)}
                >
                  Send test
                </Button>
              }
            >
              {problem ? (
                <p role="alert">
                  {problem.message} {problem.hint} <code>{problem.code}</code>
                </p>
              ) : null}
              {request ? <RequestShown request={request} /> : null}
              {notes.map((note) => (
                <p key={note} className={classes.dim}>
                  {note}
                </p>
              ))}
            </Section>
            <Problem of={send.error} />
            {send.data?.response ? (
              <Section title="What came back">
                <ResponseShown response={send.data.response} />
              </Section>
            ) : null}
          </>
        )}
      </Shown>
    </div>
  );
}

function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** As one word of a shell. */
function quote(text: string): string {
  return /^[\w.@-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}
