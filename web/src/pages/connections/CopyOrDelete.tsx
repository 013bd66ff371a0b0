import { Button } from "@mantine/core";
import { useState } from "react";
import { useLocation } from "wouter";
import type { ConnectionView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useMay } from "../../api/useMe";
import { Confirm } from "../../components/Confirm";
import form from "../../components/form.module.css";
import { formatExact } from "../../components/format";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import classes from "./connection.module.css";

/** A second one like it; or the end of it. */
export function CopyOrDelete({ connection }: { connection: ConnectionView }) {
  const [isAsking, setAsking] = useState(false);
  const [, go] = useLocation();
  const copy = useChange<ConnectionView>();
  const mayChange = useMay("connect");
  if (!mayChange) return null;
  const path = `/api/v1/connections/${connection.id}`;
  return (
    <Section title="Copy or delete">
      <p className={classes.sums}>
        A copy takes settings, secrets and goals over, and is off with all its goals.
      </p>
      <Problem of={copy.error} />
      <div className={form.buttons}>
        <Button
          variant="default"
          size="sm"
          loading={copy.isPending}
          onClick={() =>
            copy.mutate(
              { method: "POST", path: `${path}/duplicate` },
              { onSuccess: (made) => go(`/connections/${made.id}?tab=setup`) },
            )
          }
        >
          Copy connection
        </Button>
        <Button variant="default" c="var(--of-bad)" size="sm" onClick={() => setAsking(true)}>
          Delete connection
        </Button>
      </div>
      {isAsking ? <Deletion connection={connection} onClose={() => setAsking(false)} /> : null}
    </Section>
  );
}

function Deletion({ connection, onClose }: { connection: ConnectionView; onClose(): void }) {
  const [, go] = useLocation();
  const remove = useChange(() => go("/connections"));
  const { goals, waiting, secrets } = connection;
  const kept = Object.values(secrets).filter((state) => state === "set").length;
  return (
    <Confirm
      title={`Delete ${connection.name}?`}
      verb="Delete connection"
      typed={connection.name}
      isPending={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() =>
        remove.mutate({ method: "DELETE", path: `/api/v1/connections/${connection.id}` })
      }
    >
      <p>This goes, and nothing brings it back:</p>
      <ul>
        <li>its settings, and {kept === 1 ? "1 secret" : `${kept} secrets`}</li>
        {goals.length > 0 ? (
          <li>
            {goals.length === 1 ? "its goal" : `its ${goals.length} goals`}:{" "}
            {goals.map((goal) => goal.name).join(", ")}
          </li>
        ) : null}
        {waiting > 0 ? (
          <li>{formatExact(waiting)} items that wait, and are never sent then</li>
        ) : null}
      </ul>
      <p>What was sent stays at the destination.</p>
    </Confirm>
  );
}
