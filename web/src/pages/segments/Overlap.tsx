import type { OverlapView, SharedView } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { Count } from "../../components/Count";
import { type Column, DataTable } from "../../components/DataTable";
import { formatShare } from "../../components/format";
import { Section } from "../../components/Section";

/** Whom the segment shares with others. */
export function Overlap({ id }: { id: number }) {
  const overlap = useItem<OverlapView>(`/api/v1/segments/${id}/overlap`, {
    on: ["segments", "config"],
    pace: "rare",
  }).data;
  if (!overlap || overlap.people === 0 || overlap.segments.length === 0) return null;
  const columns: Column<SharedView>[] = [
    { name: "Segment", show: (one) => one.name },
    { name: "In both", show: (one) => <Count value={one.both} unit="people" />, isNumber: true },
    { name: "Of this one", show: (one) => formatShare(one.both, overlap.people), isNumber: true },
    {
      name: "Of that one",
      show: (one) => formatShare(one.both, one.people),
      isNumber: true,
      isExtra: true,
    },
  ];
  return (
    <Section title="Shared with" aside={overlap.is_exact ? null : "estimated"}>
      <DataTable
        columns={columns}
        rows={overlap.segments}
        keyOf={(one) => one.id}
        hrefOf={(one) => `/segments/${one.id}`}
      />
    </Section>
  );
}
