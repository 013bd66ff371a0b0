import { Switch } from "@mantine/core";
import { useState } from "react";
import { wordsOf } from "../../api/client";
import type { ConnectionView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useMay } from "../../api/useMe";
import { Toast } from "../../components/Toast";
import classes from "./connection.module.css";
import { TurnOn } from "./TurnOn";

/** On or off. It moves at once, goes back if the server refuses, and can be undone; turning on says first whom it reaches. */
export function ConnectionSwitch({ connection }: { connection: ConnectionView }) {
  const change = useChange();
  const mayTurn = useMay("activate");
  const [wanted, setWanted] = useState<boolean | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [isDone, setDone] = useState(false);
  const { name, waiting, goals, enabled } = connection;
  const isOn = wanted ?? enabled;

  function turn(on: boolean) {
    setWanted(on);
    setDone(false);
    setAsking(false);
    change.mutate(
      { method: "POST", path: `/api/v1/connections/${connection.id}/${on ? "enable" : "disable"}` },
      { onSuccess: () => setDone(true), onSettled: () => setWanted(null) },
    );
  }

  function ask() {
    if (change.isPending) return;
    const sends = waiting > 0 || goals.some((goal) => goal.enabled);
    if (!isOn && sends) setAsking(true);
    else turn(!isOn);
  }

  return (
    <>
      <Switch
        className={classes.switch}
        checked={isOn}
        disabled={!mayTurn}
        aria-label={`Turn ${isOn ? "off" : "on"} ${name}`}
        onChange={ask}
      />
      {isAsking ? (
        <TurnOn
          connection={connection}
          onConfirm={() => turn(true)}
          onClose={() => setAsking(false)}
        />
      ) : null}
      {change.error ? (
        <Toast text={wordsOf(change.error)} isProblem onGone={() => change.reset()} />
      ) : isDone ? (
        <Toast
          text={
            enabled ? `${name} is on.` : `${name} is off: what is due is kept until it is on again.`
          }
          action={{ name: "Undo", run: () => turn(!enabled) }}
          onGone={() => setDone(false)}
        />
      ) : null}
    </>
  );
}
