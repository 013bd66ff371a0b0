import { NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import type { ProfileView, SegmentView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { useMay } from "../../api/useMe";
import { type Column, ListingTable } from "../../components/DataTable";
import form from "../../components/form.module.css";
import { Notice } from "../../components/Notice";
import { PageFrame } from "../../components/PageFrame";
import { useFilters } from "../../components/useFilters";
import { SavedViews } from "../../components/views/SavedViews";
import { When } from "../../components/When";
import { nameOf } from "./nameOf";

const COLUMNS: Column<ProfileView>[] = [
  { name: "Person", show: nameOf },
  {
    name: "Identifiers",
    show: (one) => one.identifier_details.length,
    isNumber: true,
    isExtra: true,
  },
  {
    name: "Segments",
    show: (one) => one.segments.map((segment) => segment.name).join(", ") || "–",
  },
  { name: "First seen", show: (one) => <When at={one.first_seen} />, isExtra: true },
  { name: "Last seen", show: (one) => <When at={one.last_seen} /> },
];

const FILTERS = ["search", "segment"] as const;
const TYPED_MS = 200;

/** Who is known? */
export default function Page() {
  const [filters, setFilters] = useFilters(FILTERS);
  const { search: asked, segment } = filters;
  // The address has it at once: what is written there later would take somebody back who has gone on.
  const [search] = useDebouncedValue(asked.trim(), TYPED_MS);
  const mayFind = useMay("personal");
  const segments = useListing<SegmentView>("/api/v1/segments", {}, { on: ["config"] });
  const people = useListing<ProfileView>(
    "/api/v1/profiles",
    { search, segment },
    { on: ["people", "config"], pace: "calm" },
  );
  const show = (change: Partial<typeof filters>) => setFilters(change, { replace: true });
  return (
    <PageFrame title="Profiles" meaning="Everyone that you know, one profile a person.">
      <div className={form.form}>
        {mayFind ? (
          <TextInput
            aria-label="Search by an identifier"
            placeholder="Beginning of an e-mail address, user id…"
            leftSection={<IconSearch size={16} stroke={1.6} />}
            value={asked}
            onChange={(event) => show({ search: event.currentTarget.value })}
          />
        ) : null}
        <NativeSelect
          aria-label="Segment"
          value={segment}
          onChange={(event) => show({ segment: event.currentTarget.value })}
          data={[
            { value: "", label: "Everyone" },
            ...(segments.data ?? []).map((one) => ({ value: String(one.id), label: one.name })),
          ]}
        />
        <SavedViews of="profiles" filters={filters} />
      </div>
      <ListingTable
        of={people}
        columns={COLUMNS}
        keyOf={(one) => one.id}
        hrefOf={(one) => `/profiles/${one.id}`}
        empty={
          asked || segment ? (
            <Notice
              title={asked ? "Nobody has an identifier that begins so" : "Nobody is in it"}
              level={2}
            >
              {asked
                ? "Values are compared as they are kept: e-mail addresses in lower case, phone numbers with their country."
                : "People enter a segment as events arrive."}
            </Notice>
          ) : (
            <Notice title="Nobody is known yet" command="onefold sources create my-site" level={2}>
              A profile comes to be with the first event that names somebody. Make a source, and
              send one.
            </Notice>
          )
        }
      />
    </PageFrame>
  );
}
