import { Switch } from "@mantine/core";
import type { GoalView } from "../../../api/schema";
import { useChange } from "../../../api/useChange";

interface Props {
  goal: GoalView;
  path: string;
  /** What is not saved is not what would be turned on. */
  isChanged?: boolean;
  onTurnOn(): void;
}

/** On or off: turning on shows first what it comes to; off keeps what is due for later. */
export function GoalSwitch({ goal, path, isChanged = false, onTurnOn }: Props) {
  const change = useChange();
  return (
    <Switch
      checked={goal.enabled}
      disabled={change.isPending || (isChanged && !goal.enabled)}
      label={goal.enabled ? "On" : "Off"}
      aria-label={`Turn ${goal.enabled ? "off" : "on"} ${goal.name}`}
      onChange={() =>
        goal.enabled
          ? change.mutate({
              method: "POST",
              path: `${path}/disable`,
              said: `${goal.name} is off: what is due is kept until it is on again.`,
            })
          : onTurnOn()
      }
    />
  );
}
