import { Button } from "@mantine/core";
import { Link } from "wouter";
import type { SegmentView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { useMay } from "../../api/useMe";
import { ConfigAsCode } from "../../components/ConfigAsCode";
import { Count } from "../../components/Count";
import { type Column, ListingTable } from "../../components/DataTable";
import { Notice } from "../../components/Notice";
import { PageFrame } from "../../components/PageFrame";
import { When } from "../../components/When";
import { SegmentState } from "./SegmentState";

const COLUMNS: Column<SegmentView>[] = [
  { name: "Segment", show: (one) => one.name },
  { name: "Status", show: (one) => <SegmentState segment={one} /> },
  { name: "People", show: (one) => <Count value={one.people} unit="people" />, isNumber: true },
  { name: "Who", show: (one) => one.words, isExtra: true },
  { name: "Changed", show: (one) => <When at={one.updated_at} />, isExtra: true },
];

/** Which groups are there, and how many are in? */
export default function Page() {
  const segments = useListing<SegmentView>("/api/v1/segments", {}, 2_000);
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
      <ListingTable
        of={segments}
        columns={COLUMNS}
        keyOf={(one) => one.id}
        hrefOf={(one) => `/segments/${one.id}`}
        empty={
          <Notice title="No segment yet" command="onefold segments create --help" level={2}>
            A segment is a rule such as “ordered in the last 30 days”. Make one above, or by this
            command.
          </Notice>
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
