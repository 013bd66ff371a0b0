import { Switch } from "@mantine/core";
import { useState } from "react";
import { wordsOf } from "../../api/client";
import type { ConnectionView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useMay } from "../../api/useMe";
import { Toast } from "../../components/Toast";
import classes from "./connection.module.css";
import { TurnOn } from "./TurnOn";

/** On or off. It moves at once, and goes back if the server refuses; turning on says first whom it reaches. */
export function ConnectionSwitch({ connection }: { connection: ConnectionView }) {
  const change = useChange();
  const mayTurn = useMay("activate");
  const [wanted, setWanted] = useState<boolean | null>(null);
  const [isAsking, setAsking] = useState(false);
  const { name, waiting, goals, enabled } = connection;
  const isOn = wanted ?? enabled;

  function turn(on: boolean) {
    setWanted(on);
    setAsking(false);
    const path = `/api/v1/connections/${connection.id}/${on ? "enable" : "disable"}`;
    const said = on
      ? `${name} is on.`
      : `${name} is off: what is due is kept until it is on again.`;
    change.mutate({ method: "POST", path, said }, { onSettled: () => setWanted(null) });
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
      ) : null}
    </>
  );
}
