import { Button, Checkbox, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { SourceView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { allPlaced, problemsOf } from "../../components/fields/fields";
import form from "../../components/form.module.css";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { WholeInput } from "../../components/WholeInput";

const FIELDS = ["name", "rate_per_s"];

/** What the source is called, and what of it is not kept. */
export function Rules({ source, path }: { source: SourceView; path: string }) {
  const [typed, setTyped] = useState<Partial<SourceView>>({});
  const change = useChange();
  const is = { ...source, ...typed };
  const problems = problemsOf(change.error, FIELDS);

  function save(event: FormEvent) {
    event.preventDefault();
    change.mutate(
      {
        method: "PATCH",
        path,
        body: { ...typed, name: is.name.trim() },
        said: "The rules are saved.",
      },
      { onSuccess: () => setTyped({}) },
    );
  }

  return (
    <Section title="Rules">
      <form noValidate className={form.form} onSubmit={save}>
        <TextInput
          label="Name"
          value={is.name}
          error={problems.name}
          onChange={(event) => setTyped({ ...typed, name: event.currentTarget.value })}
        />
        <WholeInput
          label="Events a second, at most"
          description="0: no limit. More get 429 and come again."
          min={0}
          value={is.rate_per_s}
          error={problems.rate_per_s}
          onChange={(value) => setTyped({ ...typed, rate_per_s: value ?? 0 })}
        />
        <Checkbox
          label="Leave IP addresses out"
          checked={is.drop_ip}
          onChange={(event) => setTyped({ ...typed, drop_ip: event.currentTarget.checked })}
        />
        <Checkbox
          label="Leave known bots out"
          checked={is.drop_bots}
          onChange={(event) => setTyped({ ...typed, drop_bots: event.currentTarget.checked })}
        />
        <Button
          type="submit"
          size="sm"
          disabled={Object.keys(typed).length === 0 || !is.name.trim()}
          loading={change.isPending}
        >
          Save rules
        </Button>
      </form>
      {change.error && !allPlaced(change.error, FIELDS) ? <Problem of={change.error} /> : null}
    </Section>
  );
}
