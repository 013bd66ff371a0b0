import type { ConnectionView } from "../../api/schema";
import { When } from "../../components/When";
import { Audit } from "../settings/Audit";
import classes from "./connection.module.css";

/** Who changed what of a connection and its goals. */
export function Activity({ connection }: { connection: ConnectionView }) {
  return (
    <div className={classes.lines}>
      <p className={classes.dim}>
        Made <When at={connection.created_at} />; every change since, of it and its goals, newest
        first.
      </p>
      <Audit below={`/api/v1/connections/${connection.id}`} />
    </div>
  );
}
