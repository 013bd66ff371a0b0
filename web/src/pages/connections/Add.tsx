import { useLocation } from "wouter";
import type { ConnectionView, ConnectorInfo, ConnectorPage } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { Notice } from "../../components/Notice";
import { PageFrame } from "../../components/PageFrame";
import { Shown } from "../../components/Shown";
import { Gallery } from "./Gallery";
import { SetupForm } from "./setup/SetupForm";

/** A new connection: first to what, then its set-up. */
export default function Add({ connector }: { connector: string }) {
  const connectors = useItem<ConnectorPage>("/api/v1/connectors");
  return (
    <Shown of={connectors}>
      {({ items }) => {
        const chosen = items.find((one) => one.name === connector)?.declaration;
        if (chosen) return <NewConnection connector={chosen} />;
        return (
          <PageFrame
            title="Add connection"
            up={{ href: "/connections", name: "Connections" }}
            meaning="To what shall Onefold connect?"
          >
            {connector ? (
              <Notice title={`${connector} is not installed`} level={3}>
                These are.
              </Notice>
            ) : null}
            <Gallery connectors={items} />
          </PageFrame>
        );
      }}
    </Shown>
  );
}

function NewConnection({ connector }: { connector: ConnectorInfo }) {
  const [, go] = useLocation();
  return (
    <PageFrame
      title={`Connect to ${connector.title}`}
      up={{ href: "/connections?add=", name: "Add connection" }}
      meaning="Test it before you keep it. It is off until you turn it on."
    >
      <SetupForm
        key={connector.name}
        connector={connector}
        kept={null}
        onSaved={(made: ConnectionView) => go(`/connections/${made.id}`)}
      />
    </PageFrame>
  );
}
