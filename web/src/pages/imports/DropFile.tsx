import { Button, Progress } from "@mantine/core";
import { type DragEvent, useRef, useState } from "react";
import { Problem } from "../../components/Problem";
import classes from "./imports.module.css";
import { type Upload, upload } from "./upload";

const FORMATS = ".csv,.tsv,.txt,.jsonl,.ndjson,.json,.parquet,.gz";

/** A place to drop a file, or to choose one; it is sent at once, and can be stopped meanwhile. */
export function DropFile({ onSent }: { onSent(file: string): void }) {
  const [share, setShare] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isOver, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const running = useRef<Upload>(undefined);

  async function send(file: File | null | undefined) {
    if (!file) return;
    setError(null);
    setShare(0);
    running.current = upload(file, setShare);
    try {
      onSent((await running.current.done).file);
    } catch (failure) {
      setError((failure as { code?: string }).code === "cancelled" ? null : failure);
    } finally {
      setShare(null);
    }
  }

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    void send(event.dataTransfer.files[0]);
  }

  return (
    <section
      className={classes.drop}
      data-over={isOver || undefined}
      aria-label="Choose a file"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {share === null ? (
        <>
          <p>
            <strong>Drop a file here</strong>
            <br />
            <span className={classes.dim}>
              CSV, JSON Lines or Parquet. You see what would come of it before anything is taken in.
            </span>
          </p>
          <Button size="sm" onClick={() => input.current?.click()}>
            Choose a file
          </Button>
          <input
            ref={input}
            type="file"
            accept={FORMATS}
            className={classes.input}
            aria-label="File to import"
            tabIndex={-1}
            onChange={(event) => void send(event.currentTarget.files?.[0])}
          />
        </>
      ) : (
        <>
          <Progress
            className={classes.progress ?? ""}
            value={share * 100}
            aria-label={`Sending the file, ${Math.round(share * 100)} %`}
          />
          <Button variant="default" size="sm" onClick={() => running.current?.cancel()}>
            Stop sending
          </Button>
        </>
      )}
      <Problem of={error} />
    </section>
  );
}
