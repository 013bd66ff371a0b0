import { Autocomplete, Loader } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { sendJson, wordsOf } from "../../../api/client";
import type { Field, OptionPage } from "../../../api/schema";
import { ASKS_ELSEWHERE_MS } from "../../../api/useChange";
import { IconButton } from "../../../components/IconButton";
import { Words } from "../../../components/Words";
import classes from "./setup.module.css";

interface Props {
  field: Field;
  value: unknown;
  problem: string | undefined;
  isDisabled: boolean;
  /** Where to ask, and with what: settings and secrets as they are typed now. */
  path: string;
  body: unknown;
  onChange(value: string | null): void;
}

/** A field whose values the destination knows: they are asked for when the list is first opened, and on demand. */
export function ListedInput({ field, value, problem, isDisabled, path, body, onChange }: Props) {
  const list = useMutation({
    mutationFn: () => sendJson<OptionPage>("POST", path, body, { answerMsMax: ASKS_ELSEWHERE_MS }),
  });
  const found = list.data?.items ?? [];
  const text = String(value ?? "");
  const isPicked = found.some((one) => one.value === text);
  return (
    <div className={classes.listed}>
      <Autocomplete
        label={field.title}
        description={<Words text={field.help ?? ""} />}
        error={problem ?? (list.error ? <Words text={wordsOf(list.error)} /> : null)}
        required={field.required ?? false}
        disabled={isDisabled}
        data={found.map((one) => one.value)}
        // What is chosen already hides no other choice.
        {...(isPicked ? { filter: ({ options }) => options } : {})}
        limit={200}
        value={text}
        rightSection={list.isPending ? <Loader size={14} /> : null}
        onDropdownOpen={() => {
          if (list.isIdle) list.mutate();
        }}
        onChange={(typed) => onChange(typed || null)}
      />
      <IconButton label={`Refresh the list of ${field.title}`} onClick={() => list.mutate()}>
        <IconRefresh size={16} />
      </IconButton>
      <p className={classes.found} role="status">
        {list.isSuccess ? countOf(found.length, list.data.next_cursor !== null) : ""}
      </p>
    </div>
  );
}

function countOf(count: number, hasMore: boolean): string {
  if (count === 0) return "The destination lists none.";
  return `${count}${hasMore ? " or more" : ""} to choose from.`;
}
