import { Link } from "wouter";
import type { ConnectionView, ConnectorInfo, GoalKind } from "../../../api/schema";
import { PageFrame } from "../../../components/PageFrame";
import classes from "./goal.module.css";

interface Props {
  connection: ConnectionView;
  declared: ConnectorInfo;
}

/** What shall the connection achieve? Each kind of goal in a sentence. */
export function ChooseKind({ connection, declared }: Props) {
  return (
    <PageFrame
      title="Add goal"
      up={{ href: `/connections/${connection.id}`, name: connection.name }}
      meaning={`What shall ${connection.name} achieve?`}
    >
      <ul className={classes.kinds}>
        {declared.goals.map((kind) => (
          <li key={kind.name}>
            <Link href={hrefOf(connection, kind)}>{kind.title}</Link>
            <p className={classes.dim}>{kind.description}</p>
            {kind.presets.length > 0 ? (
              <ul className={classes.presets}>
                {kind.presets.map((preset) => (
                  <li key={preset.name}>
                    <Link href={`${hrefOf(connection, kind)}&preset=${preset.name}`}>
                      {preset.title}
                    </Link>
                    <p className={classes.dim}>{preset.description}</p>
                  </li>
                ))}
              </ul>
            ) : null}
          </li>
        ))}
      </ul>
    </PageFrame>
  );
}

function hrefOf(connection: ConnectionView, kind: GoalKind): string {
  return `/connections/${connection.id}/goals/new?kind=${encodeURIComponent(kind.name)}`;
}
