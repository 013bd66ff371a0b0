import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { Fold } from "../../../components/Fold";
import type { Problems } from "../../../components/fields/fields";
import type { Secrets } from "./draft";
import { SecretInput } from "./SecretInput";
import classes from "./setup.module.css";

interface Props {
  /** Names of secrets that are kept, beside those that the connector declares. */
  kept: string[];
  secrets: Secrets;
  problems: Problems;
  isDisabled: boolean;
  onChange(secrets: Secrets): void;
}

/** Secrets under names of one's own, for templates that use them. */
export function OtherSecrets({ kept, secrets, problems, isDisabled, onChange }: Props) {
  const [name, setName] = useState("");
  const names = [...new Set([...kept, ...Object.keys(secrets)])];
  const problem = Object.keys(problems).some((path) => path.startsWith("secrets"));

  function put(which: string, value: string | null | undefined) {
    const { [which]: _, ...others } = secrets;
    onChange(value === undefined ? others : { ...others, [which]: value });
  }

  return (
    <Fold
      title="Secrets"
      note={names.length > 0 ? names.join(", ") : "for templates: {{ secrets.name }}"}
      isForced={problem}
    >
      <div className={classes.fields}>
        {names.map((which) => (
          <SecretInput
            key={which}
            name={which}
            title={which}
            help={`Templates name it {{ secrets.${which} }}.`}
            isRequired={false}
            isSet={kept.includes(which)}
            value={secrets[which]}
            problem={problems[`secrets.${which}`]}
            isDisabled={isDisabled}
            onChange={(value) => put(which, value)}
          />
        ))}
        <div className={classes.newSecret}>
          <TextInput
            label="Name of a further secret"
            description="Small letters, digits and _, such as api_key."
            value={name}
            disabled={isDisabled}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button
            variant="default"
            size="sm"
            disabled={isDisabled || !name.trim() || names.includes(name.trim())}
            onClick={() => {
              put(name.trim(), "");
              setName("");
            }}
          >
            Add secret
          </Button>
        </div>
      </div>
    </Fold>
  );
}
