import { Button } from "@mantine/core";
import { Link, useParams, useSearchParams } from "wouter";
import type { MemberView, SegmentView } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { useListing } from "../../api/useListing";
import { useMay } from "../../api/useMe";
import { ConfigAsCode } from "../../components/ConfigAsCode";
import { Count } from "../../components/Count";
import { type Column, ListingTable } from "../../components/DataTable";
import { Facts } from "../../components/Facts";
import { PageFrame } from "../../components/PageFrame";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { When } from "../../components/When";
import { nameByIdentifiers } from "../profiles/nameOf";
import classes from "./builder.module.css";
import { DeleteSegment } from "./DeleteSegment";
import { Editor } from "./Editor";
import { Growth } from "./Growth";
import { Overlap } from "./Overlap";
import { SegmentState } from "./SegmentState";
import { UsedBy } from "./UsedBy";

const COLUMNS: Column<MemberView>[] = [
  { name: "Person", show: (one) => nameByIdentifiers(one.profile_id, one.identifiers) },
  { name: "Since", show: (one) => <When at={one.since} /> },
];

/** Who is in, and why? At `new` and with `?edit`: who shall be? */
export default function Segment() {
  const { id = "" } = useParams();
  return id === "new" ? <Editor /> : <Kept id={id} />;
}

function Kept({ id }: { id: string }) {
  const [params] = useSearchParams();
  const isEdited = params.has("edit");
  const path = `/api/v1/segments/${encodeURIComponent(id)}`;
  const segment = useItem<SegmentView>(path, { on: ["segments", "config"] });
  return (
    <Shown of={segment}>
      {(one) => (isEdited ? <Editor key={one.id} segment={one} /> : <Details segment={one} />)}
    </Shown>
  );
}

function Details({ segment }: { segment: SegmentView }) {
  const path = `/api/v1/segments/${segment.id}`;
  const members = useListing<MemberView>(
    `${path}/members`,
    {},
    { on: ["people", "segments"], pace: "calm" },
  );
  const mayChange = useMay("segment");
  return (
    <PageFrame
      title={segment.name}
      up={{ href: "/segments", name: "Segments" }}
      meaning={segment.description || segment.words}
      action={
        <>
          <ConfigAsCode
            kind="segment"
            name={segment.name}
            commands={[
              ["Show what this page shows", `onefold segments show ${segment.id}`],
              ["Tell how it grows", `onefold segments growth ${segment.id}`],
              ["List who is in it", `onefold segments members ${segment.id}`],
            ]}
          />
          {mayChange ? (
            <Button size="sm" component={Link} href={`/segments/${segment.id}?edit`}>
              Edit segment
            </Button>
          ) : null}
        </>
      }
    >
      <div className={classes.columns}>
        <div className={classes.stack}>
          <Facts
            facts={{
              Status: <SegmentState segment={segment} />,
              People: <Count value={segment.people} unit="people" />,
              Who: segment.words,
              Version: segment.version,
              Changed: <When at={segment.updated_at} />,
              "Counts events since": segment.counts_since ? (
                <When at={segment.counts_since} />
              ) : null,
            }}
          />
          <Growth id={segment.id} />
          <Section title="People">
            <ListingTable
              of={members}
              columns={COLUMNS}
              keyOf={(member) => member.profile_id}
              hrefOf={(member) => `/profiles/${member.profile_id}`}
              empty={<p>Nobody is in it now.</p>}
            />
          </Section>
        </div>
        <aside className={classes.stack}>
          <UsedBy id={segment.id} />
          <Overlap id={segment.id} />
          {mayChange ? <DeleteSegment segment={segment} /> : null}
        </aside>
      </div>
    </PageFrame>
  );
}
