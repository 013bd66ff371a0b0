import type { ConnectionView, ConnectorInfo } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { Shown } from "../../components/Shown";
import { CopyOrDelete } from "./CopyOrDelete";
import classes from "./connection.module.css";
import { SetupForm } from "./setup/SetupForm";

/** What a connection is set up with: seen, tried, changed. */
export function Setup({ connection }: { connection: ConnectionView }) {
  const connector = useItem<ConnectorInfo>(
    `/api/v1/connectors/${encodeURIComponent(connection.connector)}`,
  );
  return (
    <div className={classes.stack}>
      <Shown of={connector}>
        {(declared) => (
          <SetupForm
            key={connection.id}
            connector={declared}
            kept={connection}
            onSaved={() => undefined}
          />
        )}
      </Shown>
      <CopyOrDelete connection={connection} />
    </div>
  );
}
