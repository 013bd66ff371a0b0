import { SegmentedControl } from "@mantine/core";
import type { RunView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { AsCode } from "../../components/AsCode";
import { ListingTable } from "../../components/DataTable";
import form from "../../components/form.module.css";
import { Notice } from "../../components/Notice";
import { PageFrame } from "../../components/PageFrame";
import { useFilters } from "../../components/useFilters";
import { SavedViews } from "../../components/views/SavedViews";
import { COLUMNS } from "./columns";

const FILTERS = ["kind"] as const;
const KINDS = [
  { value: "", label: "All" },
  { value: "goal", label: "Goals" },
  { value: "import", label: "Files" },
  { value: "intake", label: "Import goals" },
];

/** What was done, when, and with what result? */
export default function Page() {
  const [filters, setFilters] = useFilters(FILTERS);
  const { kind } = filters;
  const runs = useListing<RunView>("/api/v1/runs", { kind }, { on: ["runs", "config"] });
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
      <div className={form.filters}>
        <SegmentedControl
          size="xs"
          data={KINDS}
          value={kind}
          onChange={(value) => setFilters({ kind: value })}
          aria-label="Kind of run"
        />
        <SavedViews of="runs" filters={filters} />
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
