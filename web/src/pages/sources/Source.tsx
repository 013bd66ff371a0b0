import { Switch } from "@mantine/core";
import { Link, useParams } from "wouter";
import type { SourceView, TotalPage } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useItem } from "../../api/useItem";
import { useMay } from "../../api/useMe";
import { AsCode } from "../../components/AsCode";
import { Command } from "../../components/Command";
import { ConfigAsCode } from "../../components/ConfigAsCode";
import { Facts } from "../../components/Facts";
import { formatExact } from "../../components/format";
import { PageFrame } from "../../components/PageFrame";
import { Payload } from "../../components/Payload";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { Status } from "../../components/Status";
import { When } from "../../components/When";
import { Keys } from "./Keys";
import { Refused } from "./Refused";
import { Rules } from "./Rules";

/** What to paste, and has its first event come? */
export default function Source() {
  const { id = "" } = useParams();
  const path = `/api/v1/sources/${encodeURIComponent(id)}`;
  const source = useItem<SourceView>(path, { on: ["config"] });
  return <Shown of={source}>{(one) => <Details source={one} path={path} />}</Shown>;
}

function Details({ source, path }: { source: SourceView; path: string }) {
  const change = useChange();
  const mayConnect = useMay("connect");
  const totals = useItem<TotalPage>(`/api/v1/totals?source=${source.id}&by=source`, {
    on: ["people"],
  });
  const count = totals.data?.items.reduce((sum, one) => sum + one.count, 0) ?? 0;
  const key = source.write_key ?? "WRITE_KEY";
  return (
    <PageFrame
      title={source.name}
      up={{ href: "/sources", name: "Sources" }}
      action={
        <>
          <SourceAsCode source={source} />
          <Switch
            checked={source.enabled}
            disabled={!mayConnect || change.isPending}
            label={source.enabled ? "On" : "Off"}
            aria-label={`Turn ${source.enabled ? "off" : "on"} ${source.name}`}
            onChange={() =>
              change.mutate({
                method: "PATCH",
                path,
                body: { enabled: !source.enabled },
                said: `${source.name} is ${source.enabled ? "off: what it sends is refused" : "on"}.`,
              })
            }
          />
        </>
      }
    >
      <Problem of={change.error} />
      <Facts
        facts={{
          Status:
            count > 0 ? (
              <Status
                tone="ok"
                word={`${formatExact(count)} ${count === 1 ? "event" : "events"} so far`}
              />
            ) : (
              <Status tone="idle" word="Waiting for its first event" isPulsing />
            ),
          Events: (
            <Link href={`/events?source=${encodeURIComponent(source.name)}`}>
              Watch them arrive
            </Link>
          ),
          "Write key": source.write_key ? <code>{source.write_key}</code> : null,
          Kind: source.kind,
          "At most": source.rate_per_s ? `${formatExact(source.rate_per_s)} events a second` : null,
          Made: <When at={source.created_at} />,
        }}
      />
      <Refused source={source} />
      {source.kind === "http" ? <Snippets writeKey={key} /> : null}
      {source.keys.length > 0 ? <Keys source={source} path={path} /> : null}
      {mayConnect ? <Rules source={source} path={path} /> : null}
    </PageFrame>
  );
}

/** An import makes its source for itself: no file speaks of it. */
function SourceAsCode({ source: { id, name, kind } }: { source: SourceView }) {
  const commands: [string, string][] = [
    ["Show what this page shows", `onefold sources show ${id}`],
  ];
  if (kind === "import") return <AsCode name={name} commands={commands} />;
  return <ConfigAsCode kind="source" name={name} commands={commands} />;
}

function Snippets({ writeKey }: { writeKey: string }) {
  return (
    <>
      <Section title="From a page">
        <Payload title="With @segment/analytics-next" value={snippetOf(writeKey)} />
      </Section>
      <Section title="From a terminal">
        <Command text={curlOf(writeKey)} />
      </Section>
    </>
  );
}

function snippetOf(key: string): string {
  const host = window.location.host;
  return [
    'import { AnalyticsBrowser } from "@segment/analytics-next";',
    "",
    "const analytics = AnalyticsBrowser.load(",
    `  { writeKey: "${key}", cdnURL: "${window.location.origin}" },`,
    `  { integrations: { "Segment.io": { apiHost: "${host}/v1", protocol: "${window.location.protocol.slice(0, -1)}" } } },`,
    ");",
    'analytics.track("Signed Up", { plan: "pro" });',
  ].join("\n");
}

function curlOf(key: string): string {
  const event = JSON.stringify({ userId: "u-1", event: "Signed Up", properties: { plan: "pro" } });
  return `curl -u ${key}: -H 'content-type: application/json' ${window.location.origin}/v1/track -d '${event}'`;
}
