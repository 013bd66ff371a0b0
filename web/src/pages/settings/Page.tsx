import { Tabs } from "@mantine/core";
import { useSearchParams } from "wouter";
import { PageFrame } from "../../components/PageFrame";
import { Audit } from "./Audit";
import { Team } from "./Team";
import { Tokens } from "./Tokens";

/** Who may do what, and what did they do? */
export default function Page() {
  const [params, setParams] = useSearchParams();
  return (
    <PageFrame title="Settings" meaning="Who may do what, and what they did.">
      <Tabs
        value={params.get("tab") ?? "team"}
        onChange={(tab) => setParams({ tab: tab ?? "team" })}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="team">Team</Tabs.Tab>
          <Tabs.Tab value="tokens">Tokens</Tabs.Tab>
          <Tabs.Tab value="audit">Audit trail</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="team" pt="lg">
          <Team />
        </Tabs.Panel>
        <Tabs.Panel value="tokens" pt="lg">
          <Tokens />
        </Tabs.Panel>
        <Tabs.Panel value="audit" pt="lg">
          <Audit />
        </Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}
