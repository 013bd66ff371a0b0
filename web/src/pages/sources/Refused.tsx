import { Link } from "wouter";
import type { LetterCountsView, LetterCountView, SourceView } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { addressOf } from "../../api/useListing";
import { Count } from "../../components/Count";
import { type Column, DataTable } from "../../components/DataTable";
import { formatExact } from "../../components/format";
import { Section } from "../../components/Section";

const COLUMNS: Column<LetterCountView>[] = [
  { name: "Reason", show: (one) => <code>{one.code}</code> },
  { name: "Open", show: (one) => <Count value={one.open} unit="dead letters" />, isNumber: true },
  { name: "Mended", show: (one) => formatExact(one.replayed), isNumber: true, isExtra: true },
  { name: "Discarded", show: (one) => formatExact(one.discarded), isNumber: true, isExtra: true },
];

/** What was refused of a source, by reason; nothing while all was taken. */
export function Refused({ source }: { source: SourceView }) {
  const path = addressOf("/api/v1/dead-letters/counts", { source: source.name });
  const counts = useItem<LetterCountsView>(path, { on: ["letters", "config"], pace: "calm" }).data;
  if (!counts || counts.items.length === 0) return null;
  const hrefOf = (code: string) => addressOf("/dead-letters", { source: source.name, code });
  return (
    <Section
      title="Refused"
      aside={<Link href={addressOf("/dead-letters", { source: source.name })}>Show all</Link>}
    >
      <DataTable
        columns={COLUMNS}
        rows={counts.items}
        keyOf={(one) => `${one.stage} ${one.code}`}
        hrefOf={(one) => hrefOf(one.code)}
      />
    </Section>
  );
}
