import { Button, Input, PasswordInput } from "@mantine/core";
import { Status } from "../../../components/Status";
import { Words } from "../../../components/Words";
import classes from "./setup.module.css";

interface Props {
  name: string;
  title: string;
  help: string;
  isRequired: boolean;
  /** A value is kept; it is never shown again. */
  isSet: boolean;
  /** What was typed; null: to be erased; undefined: as it is kept. */
  value: string | null | undefined;
  problem: string | undefined;
  isDisabled: boolean;
  onChange(value: string | null | undefined): void;
}

/** A secret: it goes in and never comes out. A kept one can be replaced, or erased where it is not needed. */
export function SecretInput({ title, help, isRequired, isSet, value, problem, ...rest }: Props) {
  const { name, isDisabled, onChange } = rest;
  if (!isSet || typeof value === "string") {
    return (
      <div>
        <PasswordInput
          label={title}
          description={<Words text={help} />}
          error={problem}
          required={isRequired && !isSet}
          disabled={isDisabled}
          autoComplete="new-password"
          name={`secret-${name}`}
          value={value ?? ""}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        {isSet ? (
          <Button size="compact-sm" variant="subtle" mt="xs" onClick={() => onChange(undefined)}>
            Keep the one that is set
          </Button>
        ) : null}
      </div>
    );
  }
  return (
    <Input.Wrapper
      label={title}
      labelElement="div"
      description={<Words text={help} />}
      error={problem}
    >
      <div className={classes.kept}>
        {value === null ? (
          <Status tone="warn" word="Erased when you save" />
        ) : (
          <Status tone="ok" word="Set" />
        )}
        {value === null ? (
          <Button size="compact-sm" variant="default" onClick={() => onChange(undefined)}>
            Keep {title}
          </Button>
        ) : (
          <>
            <Button
              size="compact-sm"
              variant="default"
              disabled={isDisabled}
              onClick={() => onChange("")}
            >
              Replace {title}
            </Button>
            {isRequired ? null : (
              <Button
                size="compact-sm"
                variant="default"
                disabled={isDisabled}
                onClick={() => onChange(null)}
              >
                Erase {title}
              </Button>
            )}
          </>
        )}
      </div>
    </Input.Wrapper>
  );
}
