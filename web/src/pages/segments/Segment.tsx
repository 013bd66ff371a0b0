import { useParams } from "wouter";
import type { MemberView, SegmentView } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { useListing } from "../../api/useListing";
import { Count } from "../../components/Count";
import { type Column, ListingTable } from "../../components/DataTable";
import { Facts } from "../../components/Facts";
import { PageFrame } from "../../components/PageFrame";
import { Payload } from "../../components/Payload";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { When } from "../../components/When";
import { nameByIdentifiers } from "../profiles/nameOf";
import { SegmentState } from "./SegmentState";

const COLUMNS: Column<MemberView>[] = [
  { name: "Person", show: (one) => nameByIdentifiers(one.profile_id, one.identifiers) },
  { name: "Since", show: (one) => <When at={one.since} /> },
];

/** Who is in, and why? */
export default function Segment() {
  const { id = "" } = useParams();
  const path = `/api/v1/segments/${encodeURIComponent(id)}`;
  const segment = useItem<SegmentView>(path, 2_000);
  const members = useListing<MemberView>(`${path}/members`, {}, 5_000);
  return (
    <Shown of={segment}>
      {(one) => (
        <PageFrame
          title={one.name}
          up={{ href: "/segments", name: "Segments" }}
          meaning={one.description || one.words}
        >
          <Facts
            facts={{
              Status: <SegmentState segment={one} />,
              People: <Count value={one.people} unit="people" />,
              Who: one.words,
              Version: one.version,
              Changed: <When at={one.updated_at} />,
              "Counts events since": one.counts_since ? <When at={one.counts_since} /> : null,
            }}
          />
          <Section title="People">
            <ListingTable
              of={members}
              columns={COLUMNS}
              keyOf={(member) => member.profile_id}
              hrefOf={(member) => `/profiles/${member.profile_id}`}
              empty={<p>Nobody is in it now.</p>}
            />
          </Section>
          <Section title="As code">
            <Payload title="The condition" value={one.condition} />
          </Section>
        </PageFrame>
      )}
    </Shown>
  );
}
