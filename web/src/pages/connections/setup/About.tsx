import { NativeSelect, TagsInput, Textarea, TextInput } from "@mantine/core";
import { Fold } from "../../../components/Fold";
import type { Problems } from "../../../components/fields/fields";
import type { Draft } from "./draft";
import classes from "./setup.module.css";

interface Props {
  draft: Draft;
  problems: Problems;
  isDisabled: boolean;
  onChange(change: Partial<Draft>): void;
}

const PATHS = ["description", "owner", "labels", "notices"];
const WHEN = [
  { value: "failures", label: "When a run failed, was left out, or had something rejected" },
  { value: "every", label: "After every run" },
];

/** What is for people, not for the destination. */
export function About({ draft, problems, isDisabled, onChange }: Props) {
  const { notices } = draft;
  return (
    <Fold
      title="Description, owner, labels, e-mail"
      note={noteOf(draft)}
      isForced={PATHS.some((path) => problems[path])}
    >
      <div className={classes.fields}>
        <Textarea
          label="Description"
          autosize
          minRows={2}
          error={problems.description}
          value={draft.description}
          disabled={isDisabled}
          onChange={(event) => onChange({ description: event.currentTarget.value })}
        />
        <TextInput
          label="Owner"
          description="Who answers for it: a name or an address."
          error={problems.owner}
          value={draft.owner}
          disabled={isDisabled}
          onChange={(event) => onChange({ owner: event.currentTarget.value })}
        />
        <TagsInput
          label="Labels"
          description="To find it among many: type one, then press Enter."
          error={problems.labels}
          value={draft.labels}
          disabled={isDisabled}
          onChange={(labels) => onChange({ labels })}
        />
        <TagsInput
          label="E-mail about its runs goes to"
          description="Addresses; nobody gets mail while there is none."
          error={problems.notices}
          value={notices.addresses}
          disabled={isDisabled}
          onChange={(addresses) => onChange({ notices: { ...notices, addresses } })}
        />
        <NativeSelect
          label="E-mail is sent"
          data={WHEN}
          value={notices.when}
          disabled={isDisabled}
          onChange={(event) =>
            onChange({
              notices: { ...notices, when: event.currentTarget.value as typeof notices.when },
            })
          }
        />
      </div>
    </Fold>
  );
}

function noteOf({ owner, labels, notices }: Draft): string {
  const mails = notices.addresses.length;
  return [owner, ...labels, mails > 0 ? `e-mail to ${mails}` : ""].filter(Boolean).join(" · ");
}
