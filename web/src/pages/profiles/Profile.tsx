import { Link, useParams } from "wouter";
import type { ConsentView, LinkView, ProfileView, TraitView, WhyView } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { useListing } from "../../api/useListing";
import { useMay } from "../../api/useMe";
import { type Column, DataTable, ListingTable } from "../../components/DataTable";
import { Facts } from "../../components/Facts";
import { formatExact } from "../../components/format";
import { PageFrame } from "../../components/PageFrame";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { Status } from "../../components/Status";
import { inLine, MASK } from "../../components/value";
import { When } from "../../components/When";
import { nameOf } from "./nameOf";
import classes from "./profile.module.css";
import { Why } from "./Why";

const FRESH_MS = 5_000;

/** A hidden number comes as null, as a trait without a value does; only the right tells them apart. */
const traitColumns = (maySee: boolean): Column<TraitView>[] => [
  { name: "Trait", show: (one) => one.name },
  { name: "Value", show: (one) => (maySee ? inLine(one.value) : MASK) },
  { name: "Said", show: (one) => <When at={one.occurred_at} />, isExtra: true },
];

const CONSENTS: Column<ConsentView>[] = [
  { name: "Purpose", show: (one) => one.purpose },
  {
    name: "Said",
    show: (one) => (
      <Status
        tone={one.state === "consented" ? "ok" : one.state === "refused" ? "bad" : "idle"}
        word={one.state}
      />
    ),
  },
  { name: "When", show: (one) => <When at={one.occurred_at} /> },
  { name: "How", show: (one) => one.method, isExtra: true },
];

const LINKS: Column<LinkView>[] = [
  { name: "When", show: (one) => <When at={one.at} /> },
  { name: "First", show: (one) => `${one.first.kind}: ${one.first.value}` },
  { name: "Second", show: (one) => `${one.second.kind}: ${one.second.value}` },
  { name: "Decision", show: (one) => one.decision, isExtra: true },
  { name: "Rule", show: (one) => one.rule, isExtra: true },
];

/** Who is this, and why do we think so? */
export default function Profile() {
  const { id = "" } = useParams();
  const profile = useItem<ProfileView>(`/api/v1/profiles/${encodeURIComponent(id)}`, FRESH_MS);
  return <Shown of={profile}>{(one) => <Details profile={one} />}</Shown>;
}

function Details({ profile }: { profile: ProfileView }) {
  const why = useItem<{ items: WhyView[] }>(`/api/v1/profiles/${profile.id}/segments`, FRESH_MS);
  const links = useListing<LinkView>(`/api/v1/profiles/${profile.id}/links`);
  const maySee = useMay("personal");
  const events = Object.entries(profile.events);
  return (
    <PageFrame
      title={nameOf(profile)}
      up={{ href: "/profiles", name: "Profiles" }}
      meaning={
        <>
          Person {profile.id}, first seen <When at={profile.first_seen} />
          {profile.last_seen ? (
            <>
              , last seen <When at={profile.last_seen} />
            </>
          ) : null}
        </>
      }
    >
      <div className={classes.columns}>
        <div className={classes.column}>
          <Section title="Traits">
            {profile.trait_details.length > 0 ? (
              <DataTable
                columns={traitColumns(maySee)}
                rows={profile.trait_details}
                keyOf={(one) => one.name}
              />
            ) : (
              <p className={classes.dim}>Nothing was said of this person yet.</p>
            )}
          </Section>
          <Section title="Events">
            {events.length > 0 ? (
              <Facts
                facts={Object.fromEntries(
                  events.map(([name, count]) => [
                    name,
                    [formatExact(count), ...revenueOf(profile, name)].join(" · "),
                  ]),
                )}
              />
            ) : (
              <p className={classes.dim}>No event yet.</p>
            )}
          </Section>
        </div>
        <div className={classes.column}>
          <Section title="Identifiers">
            <Facts
              facts={Object.fromEntries(
                Object.entries(profile.identifiers).map(([kind, values]) => [
                  kind,
                  values.join(", "),
                ]),
              )}
            />
          </Section>
          <Section title="Segments">
            <Shown of={why}>
              {({ items }) =>
                items.length > 0 ? (
                  <ul className={classes.segments}>
                    {items.map((one) => (
                      <li key={one.segment_id}>
                        <details>
                          <summary>
                            <Status
                              tone={one.member ? "ok" : "idle"}
                              word={one.member ? "In" : "Not in"}
                            />{" "}
                            <Link href={`/segments/${one.segment_id}`}>{one.name}</Link>
                            {one.since ? (
                              <span className={classes.dim}>
                                {" "}
                                since <When at={one.since} />
                              </span>
                            ) : null}
                          </summary>
                          <Why why={one.why} />
                        </details>
                      </li>
                    ))}
                  </ul>
                ) : (
                  <p className={classes.dim}>There is no segment yet.</p>
                )
              }
            </Shown>
          </Section>
          <Section title="Consent">
            {profile.consents.length > 0 ? (
              <DataTable columns={CONSENTS} rows={profile.consents} keyOf={(one) => one.purpose} />
            ) : (
              <p className={classes.dim}>Nothing was said about any purpose.</p>
            )}
          </Section>
        </div>
      </div>
      <Section title="Why these identifiers belong together">
        <ListingTable
          of={links}
          columns={LINKS}
          keyOf={(one) => one.id}
          empty={<p className={classes.dim}>One identifier alone needs no evidence.</p>}
        />
      </Section>
    </PageFrame>
  );
}

function revenueOf(profile: ProfileView, event: string): string[] {
  return Object.entries(profile.revenue[event] ?? {}).map(
    ([currency, amount]) => `${amount} ${currency}`,
  );
}
