import { Button, NativeSelect, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSearchParams } from "wouter";
import { sendJson } from "../../api/client";
import type { ImportPreviewView, RunView, SourceView } from "../../api/schema";
import { useChange } from "../../api/useChange";
import { asApiError } from "../../api/useItem";
import { useListing } from "../../api/useListing";
import form from "../../components/form.module.css";
import { formatExact } from "../../components/format";
import { PageFrame } from "../../components/PageFrame";
import { Payload } from "../../components/Payload";
import { Problem } from "../../components/Problem";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { Columns } from "./Columns";
import classes from "./imports.module.css";
import { Outcome } from "./Outcome";
import { Running } from "./Running";
import { changeKind, hasNames, isEventFile, questionOf, type Uses, usesOf } from "./uses";

const TYPED_MS = 300;

/** What is in this file, what would come of it, and then: what came of it. */
export default function Import() {
  // Not in the path: what ends like a file is asked for as one.
  const [params] = useSearchParams();
  const file = params.get("file") ?? "";
  const [uses, setUses] = useState<Uses | null>(null);
  const [asked] = useDebouncedValue(uses, TYPED_MS);
  const question = questionOf(file, asked);
  const found = useQuery({
    queryKey: ["import preview", question],
    queryFn: () => sendJson<ImportPreviewView>("POST", "/api/v1/imports/preview", question),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const first = found.data;
  useEffect(() => {
    if (first) setUses((known) => known ?? usesOf(first));
  }, [first]);
  // What is wrong with the uses is told beside what they gave before.
  const error = asApiError(found.error);
  const loaded = {
    data: found.data,
    error: found.data ? null : error,
    isPending: found.isPending,
    retry: () => void found.refetch(),
  };
  return (
    <Shown of={loaded}>
      {(preview) => (
        <SetUp
          key={file}
          file={file}
          preview={preview}
          uses={uses ?? usesOf(preview)}
          set={setUses}
          problem={error}
        />
      )}
    </Shown>
  );
}

interface Props {
  file: string;
  preview: ImportPreviewView;
  uses: Uses;
  set(uses: Uses): void;
  /** Why these uses make no mapping. */
  problem: unknown;
}

function SetUp({ file, preview, uses, set, problem }: Props) {
  const [params, setParams] = useSearchParams();
  const [source, setSource] = useState("");
  const change = useChange<RunView>();
  const run = params.get("run") ?? "";

  function start() {
    const body = { file, mapping: preview.mapping, source: source.trim() };
    change.mutate(
      { method: "POST", path: "/api/v1/imports", body },
      { onSuccess: (made) => setParams({ file, run: made.id }) },
    );
  }

  return (
    <PageFrame
      title={preview.file}
      up={{ href: "/imports", name: "Imports" }}
      meaning={
        run
          ? "It runs by itself: you may leave this page."
          : "Say what each column is. Nothing is taken in until you import it."
      }
      action={
        run ? null : (
          <Button
            size="sm"
            disabled={Boolean(problem) || preview.passed === 0}
            loading={change.isPending}
            onClick={start}
          >
            Import file
          </Button>
        )
      }
    >
      <Problem of={change.error} />
      {run ? <Running id={run} /> : null}
      {run ? null : (
        <>
          <Section title="Each row">
            <Kind uses={uses} set={set} source={source} setSource={setSource} file={preview.file} />
          </Section>
          <Section title="Columns">
            <Columns preview={preview} uses={uses} set={set} />
          </Section>
          <Problem of={problem} />
          <Section title={`What comes of the first ${formatExact(preview.rows)} rows`}>
            <Outcome preview={preview} />
          </Section>
          <details className={classes.code}>
            <summary>The mapping as a file, for the command line</summary>
            <Payload
              title={`onefold import ${preview.file} --mapping mapping.json`}
              value={preview.mapping}
            />
          </details>
        </>
      )}
    </PageFrame>
  );
}

interface KindProps {
  uses: Uses;
  set(uses: Uses): void;
  source: string;
  setSource(name: string): void;
  file: string;
}

/** A person or an event; what names an event for good; under which source. */
function Kind({ uses, set, source, setSource, file }: KindProps) {
  const sources = useListing<SourceView>("/api/v1/sources", {}, { on: ["config"] });
  const isEvent = isEventFile(uses);
  return (
    <div className={form.form}>
      <SegmentedControl
        size="sm"
        aria-label="What each row is"
        data={[
          { value: "person", label: "A person" },
          { value: "event", label: "An event" },
        ]}
        value={isEvent ? "event" : "person"}
        onChange={(value) => set(changeKind(uses, value === "event"))}
      />
      {isEvent && !hasNames(uses) ? (
        <TextInput
          label="The event's name"
          size="sm"
          value={uses.event}
          onChange={(event) => set({ ...uses, event: event.currentTarget.value })}
        />
      ) : null}
      {isEvent ? (
        <NativeSelect
          label="Known by"
          title="A file that is corrected and imported again then brings only what is new."
          size="sm"
          data={[
            { value: "", label: "The file and its line" },
            ...uses.columns.map((one) => ({ value: one.name, label: one.name })),
          ]}
          value={uses.id[0] ?? ""}
          onChange={(event) => {
            const name = event.currentTarget.value;
            set({ ...uses, id: name ? [name] : [] });
          }}
        />
      ) : null}
      <TextInput
        label="Source"
        size="sm"
        placeholder={`import:${file}`}
        value={source}
        list="sources"
        onChange={(event) => setSource(event.currentTarget.value)}
      />
      <datalist id="sources">
        {(sources.data ?? []).map((one) => (
          <option key={one.id} value={one.name} />
        ))}
      </datalist>
    </div>
  );
}
