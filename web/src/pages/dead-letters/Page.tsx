import { Button, SegmentedControl } from "@mantine/core";
import type { LetterCountsView, LetterView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { useListing } from "../../api/useListing";
import { useMay } from "../../api/useMe";
import { type Column, DataTable, ListingTable } from "../../components/DataTable";
import form from "../../components/form.module.css";
import { formatExact } from "../../components/format";
import { Notice } from "../../components/Notice";
import { PageFrame } from "../../components/PageFrame";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { useFilters } from "../../components/useFilters";
import { SavedViews } from "../../components/views/SavedViews";
import { When } from "../../components/When";
import type { Follows } from "../../live/follows";

type Count = LetterCountsView["items"][number];
const FOLLOWS: Follows = { on: ["letters", "config"], pace: "calm" };
const FILTERS = ["state", "code", "connection", "run", "source"] as const;
const STATES = [
  { value: "open", label: "Open" },
  { value: "replayed", label: "Replayed" },
  { value: "discarded", label: "Discarded" },
];
const COLUMNS: Column<LetterView>[] = [
  { name: "Concerns", show: (one) => one.subject || one.id },
  { name: "Code", show: (one) => <code>{one.code}</code>, isExtra: true },
  { name: "Why", show: (one) => one.reason },
  { name: "Field", show: (one) => one.field || "–", isExtra: true },
  { name: "When", show: (one) => <When at={one.at} /> },
];

/** What was given up, and can it be saved? */
export default function Page() {
  const [asked, set] = useFilters(FILTERS);
  const filters = { ...asked, state: asked.state || "open" };
  const { state, code, connection, run, source } = filters;
  const query = { state, code, connection_id: connection, run, source };
  const letters = useListing<LetterView>("/api/v1/dead-letters", query, FOLLOWS);
  const counts = useItem<LetterCountsView>("/api/v1/dead-letters/counts?state=open", FOLLOWS);
  const groups: Column<Count>[] = [
    {
      name: "Code",
      show: (one) => (
        <Button variant="subtle" size="compact-xs" onClick={() => set({ code: one.code })}>
          {one.code}
        </Button>
      ),
    },
    { name: "Where", show: (one) => one.stage },
    { name: "Open", show: (one) => formatExact(one.open), isNumber: true },
  ];
  const groupsOpen = counts.data?.items.filter((one) => one.open > 0) ?? [];
  return (
    <PageFrame
      title="Dead letters"
      meaning="What was refused, kept with its reason until it is mended, replayed or discarded."
      action={
        letters.data && letters.data.length > 0 && state === "open" ? <Bulk query={query} /> : null
      }
    >
      {groupsOpen.length > 0 && !code ? (
        <Section title="Open, by reason">
          <DataTable
            columns={groups}
            rows={groupsOpen}
            keyOf={(one) => `${one.stage} ${one.code}`}
          />
        </Section>
      ) : null}
      <div className={form.filters}>
        <SegmentedControl
          size="xs"
          data={STATES}
          value={state}
          onChange={(value) => set({ state: value })}
          aria-label="What was decided"
        />
        {[code, connection && "of one connection", run && "of one run", source && `of ${source}`]
          .filter(Boolean)
          .map((words) => (
            <Button
              key={words}
              variant="default"
              size="compact-xs"
              aria-label={`Show all, not only ${words}`}
              onClick={() => set({ code: "", connection: "", run: "", source: "" })}
            >
              {words} ×
            </Button>
          ))}
        <SavedViews of="dead-letters" filters={filters} />
      </div>
      <ListingTable
        of={letters}
        columns={COLUMNS}
        keyOf={(one) => one.id}
        hrefOf={(one) => `/dead-letters/${one.id}`}
        empty={
          <Notice title="Nothing was given up" level={2}>
            What a source sends wrong, or a destination refuses, stands here with the reason and
            what to do.
          </Notice>
        }
      />
    </PageFrame>
  );
}

/** All that the list shows, at once; what is done is a bounded piece, so it can be pressed again. */
function Bulk({ query }: { query: Record<string, string> }) {
  const change = useChange<{ done: number; message: string }>();
  const mayOperate = useMay("operate");
  if (!mayOperate) return null;
  const body = {
    code: query.code || null,
    connection_id: Number(query.connection_id) || null,
    run: query.run ?? "",
    source: query.source ?? "",
    all: !(query.code || query.connection_id || query.run || query.source),
  };
  return (
    <>
      {change.data ? <span role="status">{change.data.message}</span> : null}
      <Problem of={change.error} />
      <Button
        variant="default"
        size="sm"
        loading={change.isPending}
        onClick={() => change.mutate({ method: "POST", path: "/api/v1/dead-letters/replay", body })}
      >
        Replay these
      </Button>
    </>
  );
}
