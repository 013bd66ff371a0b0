import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { wordsOf } from "../../api/client";
import type { SourceView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { useListing } from "../../api/useListing";
import { useMay } from "../../api/useMe";
import { ConfigAsCode } from "../../components/ConfigAsCode";
import { type Column, ListingTable } from "../../components/DataTable";
import form from "../../components/form.module.css";
import { Notice } from "../../components/Notice";
import { PageFrame } from "../../components/PageFrame";
import { Status } from "../../components/Status";
import { When } from "../../components/When";

const COLUMNS: Column<SourceView>[] = [
  { name: "Source", show: (one) => one.name },
  {
    name: "Status",
    show: (one) => <Status tone={one.enabled ? "ok" : "idle"} word={one.enabled ? "On" : "Off"} />,
  },
  { name: "Kind", show: (one) => one.kind, isExtra: true },
  { name: "Write key", show: (one) => <code>{one.write_key ?? "–"}</code>, isExtra: true },
  { name: "Made", show: (one) => <When at={one.created_at} />, isExtra: true },
];

/** Who sends what? */
export default function Page() {
  const sources = useListing<SourceView>("/api/v1/sources", {}, { on: ["config"] });
  const mayConnect = useMay("connect");
  return (
    <PageFrame
      title="Sources"
      meaning="Where events come from: a site, an app, a server; each has a write key of its own."
      action={
        <>
          <ConfigAsCode
            kind="source"
            commands={[["Show what this page shows", "onefold sources list"]]}
          />
          {mayConnect ? <NewSource /> : null}
        </>
      }
    >
      <ListingTable
        of={sources}
        columns={COLUMNS}
        keyOf={(one) => one.id}
        hrefOf={(one) => `/sources/${one.id}`}
        empty={
          <Notice title="No source yet" command="onefold sources create my-site" level={2}>
            Make one above, or by this command; then send its first event.
          </Notice>
        }
      />
    </PageFrame>
  );
}

function NewSource() {
  const [name, setName] = useState("");
  const [, go] = useLocation();
  const change = useChange<SourceView>();

  function create(event: FormEvent) {
    event.preventDefault();
    change.mutate(
      { method: "POST", path: "/api/v1/sources", body: { name: name.trim() } },
      { onSuccess: (made) => go(`/sources/${made.id}`) },
    );
  }

  return (
    <form onSubmit={create} className={form.form}>
      <TextInput
        aria-label="Name of a new source"
        placeholder="my-site"
        size="sm"
        value={name}
        error={change.error ? wordsOf(change.error) : null}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" size="sm" disabled={!name.trim()} loading={change.isPending}>
        Make a source
      </Button>
    </form>
  );
}
