import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { Link } from "wouter";
import type { SegmentView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { useMay } from "../../api/useMe";
import { ConfigAsCode } from "../../components/ConfigAsCode";
import { Count } from "../../components/Count";
import { type Column, ListingTable } from "../../components/DataTable";
import form from "../../components/form.module.css";
import { Notice } from "../../components/Notice";
import { PageFrame } from "../../components/PageFrame";
import { useFilters } from "../../components/useFilters";
import { SavedViews } from "../../components/views/SavedViews";
import { When } from "../../components/When";
import { SegmentState } from "./SegmentState";

const COLUMNS: Column<SegmentView>[] = [
  { name: "Segment", show: (one) => one.name },
  { name: "Status", show: (one) => <SegmentState segment={one} /> },
  { name: "People", show: (one) => <Count value={one.people} unit="people" />, isNumber: true },
  { name: "Who", show: (one) => one.words, isExtra: true },
  { name: "Changed", show: (one) => <When at={one.updated_at} />, isExtra: true },
];

const FILTERS = ["search"] as const;
const TYPED_MS = 200;

/** Which groups are there, and how many are in? */
export default function Page() {
  const [filters, setFilters] = useFilters(FILTERS);
  const [search] = useDebouncedValue(filters.search.trim(), TYPED_MS);
  const segments = useListing<SegmentView>(
    "/api/v1/segments",
    { search },
    { on: ["segments", "config"] },
  );
  const isEmpty = segments.data?.length === 0 && !filters.search;
  const mayMake = useMay("segment");
  return (
    <PageFrame
      title="Segments"
      meaning="Named rules for groups of people; people enter and leave as events arrive."
      action={
        <>
          <ConfigAsCode
            kind="segment"
            commands={[["Show what this page shows", "onefold segments list"]]}
          />
          {mayMake ? <NewSegment /> : null}
        </>
      }
    >
      {isEmpty ? null : (
        <div className={form.form}>
          <TextInput
            aria-label="Search segments"
            placeholder="Name or description…"
            leftSection={<IconSearch size={16} stroke={1.6} />}
            value={filters.search}
            onChange={(event) =>
              setFilters({ search: event.currentTarget.value }, { replace: true })
            }
          />
          <SavedViews of="segments" filters={filters} />
        </div>
      )}
      <ListingTable
        of={segments}
        columns={COLUMNS}
        keyOf={(one) => one.id}
        hrefOf={(one) => `/segments/${one.id}`}
        empty={
          filters.search ? (
            <Notice title="No segment is called or described so" level={2}>
              Search looks into names and descriptions.
            </Notice>
          ) : (
            <Notice title="No segment yet" command="onefold segments create --help" level={2}>
              A segment is a rule such as “ordered in the last 30 days”. Make one above, or by this
              command.
            </Notice>
          )
        }
      />
    </PageFrame>
  );
}

function NewSegment() {
  return (
    <Button size="sm" component={Link} href="/segments/new">
      New segment
    </Button>
  );
}
