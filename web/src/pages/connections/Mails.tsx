import { Button } from "@mantine/core";
import type { MailPage, MailView, RunView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { type Column, DataTable } from "../../components/DataTable";
import form from "../../components/form.module.css";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { Status } from "../../components/Status";
import { Words } from "../../components/Words";

const PATH = "/api/v1/mail";

/** E-mails about these runs that did not leave, why, and what can be done; nothing while all did. */
export function Mails({ runs }: { runs: RunView[] }) {
  const mails = useItem<MailPage>(`${PATH}?limit=1000`, { on: ["runs", "config"], pace: "slow" });
  const change = useChange();
  const about = new Set(runs.map((run) => run.id));
  const found = (mails.data?.items ?? []).filter((one) => about.has(one.about));
  if (found.length === 0) return null;
  const columns: Column<MailView>[] = [
    { name: "To", show: (one) => one.address },
    { name: "About", show: (one) => one.subject },
    {
      name: "State",
      show: (one) =>
        one.state === "failed" ? (
          <Status tone="bad" word="Given up" />
        ) : (
          <Status tone="warn" word="Waiting" />
        ),
    },
    { name: "What to do", show: (one) => <Words text={one.hint} />, isExtra: true },
    {
      name: "",
      show: (one) =>
        one.asked ? (
          one.asked === "drop" ? (
            "being dropped"
          ) : (
            "being sent again"
          )
        ) : (
          <div className={form.buttons}>
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => change.mutate({ method: "POST", path: `${PATH}/${one.id}/retry` })}
            >
              Send again
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => change.mutate({ method: "DELETE", path: `${PATH}/${one.id}` })}
            >
              Drop
            </Button>
          </div>
        ),
    },
  ];
  return (
    <Section title="E-mails that were not sent">
      <Problem of={change.error} />
      <DataTable columns={columns} rows={found} keyOf={(one) => one.id} />
    </Section>
  );
}
