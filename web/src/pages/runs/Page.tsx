import { SegmentedControl } from "@mantine/core";
import { useSearchParams } from "wouter";
import type { RunView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { AsCode } from "../../components/AsCode";
import { ListingTable } from "../../components/DataTable";
import { Notice } from "../../components/Notice";
import { PageFrame } from "../../components/PageFrame";
import { COLUMNS } from "./columns";

const KINDS = [
  { value: "", label: "All" },
  { value: "goal", label: "Goals" },
  { value: "import", label: "Files" },
  { value: "intake", label: "Import goals" },
];

/** What was done, when, and with what result? */
export default function Page() {
  const [params, setParams] = useSearchParams();
  const kind = params.get("kind") ?? "";
  const runs = useListing<RunView>("/api/v1/runs", { kind }, 2_000);
  return (
    <PageFrame
      title="Runs"
      meaning="Everything that takes time, newest first: goals, imports, fills, replays, backups."
      action={
        <AsCode
          name="runs"
          commands={[
            ["Show what this page shows", `onefold runs list${kind ? ` --kind ${kind}` : ""}`],
          ]}
        />
      }
    >
      <div>
        <SegmentedControl
          size="xs"
          data={KINDS}
          value={kind}
          onChange={(value) => setParams(value ? { kind: value } : {})}
          aria-label="Kind of run"
        />
      </div>
      <ListingTable
        of={runs}
        columns={COLUMNS}
        keyOf={(run) => run.id}
        hrefOf={(run) => `/runs/${run.id}`}
        empty={
          <Notice title="Nothing has run yet" level={2}>
            Goals, imports and whatever else takes time stand here once they begin.
          </Notice>
        }
      />
    </PageFrame>
  );
}
