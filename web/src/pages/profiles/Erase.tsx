import { Button } from "@mantine/core";
import { useState } from "react";
import { useLocation } from "wouter";
import type { ErasureReach, ProfileView, RunView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { Confirm } from "../../components/Confirm";
import { formatCount, formatExact } from "../../components/format";
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
      {isAsked ? <Ask profile={profile} onClose={() => setAsked(false)} /> : null}
    </>
  );
}

function Ask({ profile, onClose }: { profile: ProfileView; onClose(): void }) {
  const reach = useItem<ErasureReach>(`/api/v1/profiles/${profile.id}/erasure`);
  const [, go] = useLocation();
  const change = useChange<RunView>((run) => go(`/runs/${run.id}`));
  const word = nameOf(profile);

  function erase() {
    change.mutate({ method: "DELETE", path: `/api/v1/profiles/${profile.id}` });
  }

  return (
    <Confirm
      title={`Erase ${word}?`}
      verb="Erase for good"
      typed={word}
      isPending={change.isPending}
      error={change.error}
      onConfirm={erase}
      onClose={onClose}
    >
      <Shown of={reach}>
        {(found) => (
          <p>
            This takes away {formatCount(found.events, "event", "events")},{" "}
            {formatCount(found.identifiers, "identifier", "identifiers")},{" "}
            {formatCount(found.links, "piece of evidence", "pieces of evidence")},{" "}
            {formatCount(found.dead_letters, "dead letter", "dead letters")} and the membership in{" "}
            {formatCount(found.segments, "segment", "segments")}
            {found.profiles > 1
              ? `, of ${formatExact(found.profiles)} profiles that became one`
              : ""}
            . It cannot be undone. Destinations keep what they have, but for goals that forward
            erasures.
          </p>
        )}
      </Shown>
    </Confirm>
  );
}
