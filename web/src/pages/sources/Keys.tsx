import { Button } from "@mantine/core";
import type { KeyView, SourceView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useMay } from "../../api/useMe";
import { type Column, DataTable } from "../../components/DataTable";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { Status } from "../../components/Status";
import { When } from "../../components/When";

/** The write keys: make another, move the senders to it, disable the old one. */
export function Keys({ source, path }: { source: SourceView; path: string }) {
  const change = useChange();
  const mayConnect = useMay("connect");
  const columns: Column<KeyView>[] = [
    { name: "Write key", show: (one) => <code>{one.key}</code> },
    {
      name: "Status",
      show: (one) => (
        <Status tone={one.enabled ? "ok" : "idle"} word={one.enabled ? "On" : "Off"} />
      ),
    },
    { name: "Made", show: (one) => <When at={one.created_at} />, isExtra: true },
    {
      name: "",
      show: (one) =>
        mayConnect ? (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`${one.enabled ? "Disable" : "Enable"} ${one.key}`}
            onClick={() =>
              change.mutate({
                method: "PATCH",
                path: `${path}/keys/${encodeURIComponent(one.key)}`,
                body: { enabled: !one.enabled },
                said: `The key is ${one.enabled ? "disabled" : "enabled"}.`,
              })
            }
          >
            {one.enabled ? "Disable" : "Enable"}
          </Button>
        ) : null,
    },
  ];
  return (
    <Section
      title="Write keys"
      aside={
        mayConnect ? (
          <Button
            size="compact-sm"
            variant="default"
            loading={change.isPending}
            onClick={() => change.mutate({ method: "POST", path: `${path}/keys` })}
          >
            Make another key
          </Button>
        ) : null
      }
    >
      <Problem of={change.error} />
      <DataTable columns={columns} rows={source.keys} keyOf={(one) => one.key} />
    </Section>
  );
}
