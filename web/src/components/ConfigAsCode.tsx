import { AsCode } from "./AsCode";
import { quoted } from "./value";

interface Props {
  kind: "source" | "segment" | "connection";
  /** Of one object; without it all of the kind. */
  name?: string;
  /** What else is done by command, each with what it is for. */
  commands: [what: string, text: string][];
}

/** What a page shows as the server writes it for files, with the command that writes them. */
export function ConfigAsCode({ kind, name, commands }: Props) {
  const query = new URLSearchParams({ kind, ...(name === undefined ? {} : { name }) });
  const chosen = name === undefined ? `--kind ${kind}` : `--kind ${kind} --name ${quoted(name)}`;
  return (
    <AsCode
      name={name ?? `${kind}s`}
      document={{
        path: `/api/v1/config?${query}`,
        type: "application/yaml",
        file: name === undefined ? `${kind}s.yaml` : `${kind}.yaml`,
      }}
      commands={[
        ...commands,
        ["Write it to files, to keep with your code", `onefold config export config ${chosen}`],
        ["See what edited files would change", "onefold config plan config"],
      ]}
    />
  );
}
