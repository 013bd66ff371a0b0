import { Tabs } from "@mantine/core";
import { useParams, useSearchParams } from "wouter";
import type { LinkView, ProfileView, SourceView } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { useListing } from "../../api/useListing";
import { useMay } from "../../api/useMe";
import { AsCode } from "../../components/AsCode";
import { PageFrame } from "../../components/PageFrame";
import { Shown } from "../../components/Shown";
import { When } from "../../components/When";
import { Consents } from "./Consents";
import { Deliveries } from "./Deliveries";
import { Erase } from "./Erase";
import { Events } from "./Events";
import { Identifiers } from "./Identifiers";
import { Identity } from "./Identity";
import { nameOf } from "./nameOf";
import classes from "./profile.module.css";
import { Segments } from "./Segments";
import { Timeline } from "./Timeline";
import { Traits } from "./Traits";

/** Who is this, and why do we think so? */
export default function Profile() {
  const { id = "" } = useParams();
  const profile = useItem<ProfileView>(`/api/v1/profiles/${encodeURIComponent(id)}`, {
    on: ["people", "config"],
    pace: "calm",
  });
  return <Shown of={profile}>{(one) => <Details key={one.id} profile={one} />}</Shown>;
}

function Details({ profile }: { profile: ProfileView }) {
  const [params, setParams] = useSearchParams();
  const links = useListing<LinkView>(
    `/api/v1/profiles/${profile.id}/links`,
    {},
    { on: ["people"], pace: "calm" },
  );
  const sources = useListing<SourceView>("/api/v1/sources", {}, { on: ["config"] });
  const mayErase = useMay("erase");
  const sourceName = (id: number | null) =>
    sources.data?.find((source) => source.id === id)?.name ?? "";
  return (
    <PageFrame
      title={nameOf(profile)}
      up={{ href: "/profiles", name: "Profiles" }}
      meaning={
        <>
          Person {profile.id}, known since <When at={profile.first_seen} />
          {profile.last_seen ? (
            <>
              , last seen <When at={profile.last_seen} />
            </>
          ) : null}
        </>
      }
      action={
        <>
          <AsCode
            name="this person"
            commands={[
              ["Show what this page shows", `onefold profiles show ${profile.id}`],
              ["Show the timeline", `onefold profiles timeline ${profile.id}`],
              ["Show what destinations hold", `onefold profiles deliveries ${profile.id}`],
            ]}
          />
          {mayErase ? <Erase profile={profile} /> : null}
        </>
      }
    >
      <Tabs
        value={params.get("tab") ?? "overview"}
        onChange={(tab) => setParams(tab && tab !== "overview" ? { tab } : {})}
        keepMounted={false}
      >
        <Tabs.List mb="xl">
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          <Tabs.Tab value="identity">Identity</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <div className={classes.columns}>
            <div className={classes.column}>
              <Traits profile={profile} sourceName={sourceName} />
              <Events profile={profile} />
            </div>
            <Timeline profile={profile} />
            <div className={classes.column}>
              <Identifiers profile={profile} links={links.data ?? []} sourceName={sourceName} />
              <Segments id={profile.id} />
              <Deliveries id={profile.id} />
              <Consents profile={profile} />
            </div>
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="identity">
          <Identity profile={profile} links={links} sourceName={sourceName} />
        </Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}
