import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import type { ErasureReach, ProfileView, RunView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { Dialog } from "../../components/Dialog";
import form from "../../components/form.module.css";
import { formatExact } from "../../components/format";
import { Problem } from "../../components/Problem";
import { Shown } from "../../components/Shown";
import { nameOf } from "./nameOf";

/** Takes the person out for good, once somebody has seen what that reaches and typed who it is. */
export function Erase({ profile }: { profile: ProfileView }) {
  const [isAsked, setAsked] = useState(false);
  return (
    <>
      <Button size="sm" variant="default" onClick={() => setAsked(true)}>
        Erase person
      </Button>
      {isAsked ? <Confirm profile={profile} close={() => setAsked(false)} /> : null}
    </>
  );
}

function Confirm({ profile, close }: { profile: ProfileView; close(): void }) {
  const reach = useItem<ErasureReach>(`/api/v1/profiles/${profile.id}/erasure`);
  const change = useChange<RunView>();
  const [, go] = useLocation();
  const [typed, setTyped] = useState("");
  const word = nameOf(profile);

  function erase(event: FormEvent) {
    event.preventDefault();
    change.mutate(
      { method: "DELETE", path: `/api/v1/profiles/${profile.id}` },
      { onSuccess: (run) => go(`/runs/${run.id}`) },
    );
  }

  return (
    <Dialog title={`Erase ${word}?`} close={close}>
      <Shown of={reach}>
        {(found) => (
          <p>
            This takes away {count(found.events, "event", "events")},{" "}
            {count(found.identifiers, "identifier", "identifiers")},{" "}
            {count(found.links, "piece of evidence", "pieces of evidence")},{" "}
            {count(found.dead_letters, "dead letter", "dead letters")} and the membership in{" "}
            {count(found.segments, "segment", "segments")}
            {found.profiles > 1
              ? `, of ${formatExact(found.profiles)} profiles that became one`
              : ""}
            . It cannot be undone. Destinations keep what they have, but for goals that forward
            erasures.
          </p>
        )}
      </Shown>
      <form onSubmit={erase}>
        <TextInput
          size="sm"
          mb="md"
          label={`Type ${word} to confirm`}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Problem of={change.error} />
        <div className={form.buttons}>
          <Button
            type="submit"
            size="sm"
            color="red"
            disabled={typed.trim() !== word}
            loading={change.isPending}
          >
            Erase for good
          </Button>
          <Button size="sm" variant="default" onClick={close}>
            Keep
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function count(value: number, one: string, many: string): string {
  return `${formatExact(value)} ${value === 1 ? one : many}`;
}
