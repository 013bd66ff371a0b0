import { Link, useParams, useSearchParams } from "wouter";
import type { ConnectionView, ConnectorInfo } from "../../../api/schema";
import { useItem } from "../../../api/useItem";
import { Notice } from "../../../components/Notice";
import { Shown } from "../../../components/Shown";
import { ChooseKind } from "./ChooseKind";
import { draftOf, newDraft } from "./draft";
import { Editor } from "./Editor";
import { wholeKind } from "./whole";

/** What does this goal do, for whom, when, and what would it send? */
export default function Goal() {
  const { id = "", goal = "" } = useParams();
  const path = `/api/v1/connections/${encodeURIComponent(id)}`;
  const connection = useItem<ConnectionView>(path, {
    on: ["config", "deliveries", "runs"],
    pace: "calm",
  });
  return (
    <Shown of={connection}>{(one) => <Loaded connection={one} path={path} asked={goal} />}</Shown>
  );
}

interface LoadedProps {
  connection: ConnectionView;
  path: string;
  /** Id of a goal, or "new". */
  asked: string;
}

function Loaded({ connection, path, asked }: LoadedProps) {
  const connector = useItem<ConnectorInfo>(`/api/v1/connectors/${connection.connector}`);
  const [params] = useSearchParams();
  const goal = connection.goals.find((one) => String(one.id) === asked) ?? null;
  return (
    <Shown of={connector}>
      {(declaration) => {
        const kindName = goal?.kind ?? params.get("kind");
        const found = declaration.goals.find((one) => one.name === kindName);
        const kind = found && wholeKind(found);
        if (asked === "new" && !kind) {
          return <ChooseKind connection={connection} declared={declaration} />;
        }
        if (!kind || (asked !== "new" && !goal)) {
          return (
            <Notice title="There is no such goal">
              <Link href={`/connections/${connection.id}`}>Look at the goals</Link> that there are.
            </Notice>
          );
        }
        const preset = kind.presets.find((one) => one.name === params.get("preset"));
        const taken = connection.goals.map((one) => one.name);
        return (
          <Editor
            key={asked}
            connection={connection}
            path={path}
            kind={kind}
            goal={goal}
            kept={goal ? draftOf(goal) : newDraft(kind, preset, taken)}
          />
        );
      }}
    </Shown>
  );
}
