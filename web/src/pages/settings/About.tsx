import type { StatusView } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { Command } from "../../components/Command";
import { Facts } from "../../components/Facts";
import { formatCount, formatExact } from "../../components/format";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { When } from "../../components/When";
import classes from "./settings.module.css";

/** Which Onefold this is, and where its words are. */
export function About() {
  const found = useItem<StatusView>("/api/v1/status");
  return (
    <Shown of={found}>
      {(status) => (
        <div className={classes.stack}>
          <Facts facts={factsOf(status)} />
          <Section title="For programs">
            <p>
              All that these pages do, the API and the command line do.{" "}
              <a href="/api/v1/openapi.json">The API, as OpenAPI</a>.
            </p>
            <Command text="onefold status" />
          </Section>
        </div>
      )}
    </Shown>
  );
}

function factsOf(status: StatusView) {
  return {
    Version: status.version,
    Workspace: status.workspace,
    Address: status.url,
    Holds: [
      formatCount(status.sources, "source", "sources"),
      formatCount(status.segments, "segment", "segments"),
      formatCount(status.connections, "connection", "connections"),
    ].join(", "),
    Roles: status.roles.map((one) => (
      <div key={one.role}>
        {one.role}: {one.status}
        {one.since ? (
          <>
            {" since "}
            <When at={one.since} />
          </>
        ) : null}
      </div>
    )),
    Log: `${formatExact(status.log_end)} records, of which profiles know ${formatExact(status.folded_to)}`,
  };
}
