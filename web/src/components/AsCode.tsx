import { Button, CopyButton } from "@mantine/core";
import { IconCode } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getText, wordsOf } from "../api/client";
import classes from "./AsCode.module.css";
import { Command } from "./Command";
import { Dialog } from "./Dialog";
import { IconButton } from "./IconButton";
import { Words } from "./Words";

interface Props {
  /** What is shown, as a heading: the name of a connection. */
  name: string;
  /** A document of the API that says all of it. */
  document?: { path: string; type: string; file: string };
  /** Commands that show or do the same, each with what it is for. */
  commands: [what: string, text: string][];
}

/** The page without the page: its document, to keep with one's code, and the commands that do the same. */
export function AsCode({ name, document, commands }: Props) {
  const [isOpen, setOpen] = useState(false);
  const title = document ? `${name} as code` : `${name} by command`;
  return (
    <>
      <IconButton label={`Show ${title}`} onClick={() => setOpen(true)}>
        <IconCode size={16} stroke={1.6} />
      </IconButton>
      {isOpen ? (
        <Dialog title={title} isWide onClose={() => setOpen(false)}>
          {(close) => (
            <div className={classes.parts}>
              {document ? <Document of={document} /> : null}
              {commands.map(([what, text]) => (
                <div key={text}>
                  <p className={classes.what}>{what}</p>
                  <Command text={text} />
                </div>
              ))}
              <div className={classes.buttons}>
                <Button size="sm" variant="default" onClick={close}>
                  Close
                </Button>
              </div>
            </div>
          )}
        </Dialog>
      ) : null}
    </>
  );
}

function Document({ of: { path, type, file } }: { of: NonNullable<Props["document"]> }) {
  const found = useQuery({
    queryKey: [path, type],
    queryFn: ({ signal }) => getText(path, type, signal),
    staleTime: 0,
  });
  if (found.error) {
    return (
      <p role="alert">
        <Words text={wordsOf(found.error)} />
      </p>
    );
  }
  const text = found.data ?? "";
  return (
    <div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <pre className={classes.text} tabIndex={0}>
        {text}
      </pre>
      <div className={classes.buttons}>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-sm" variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy document"}
            </Button>
          )}
        </CopyButton>
        <Button size="compact-sm" variant="default" onClick={() => download(text, type, file)}>
          Download {file}
        </Button>
      </div>
    </div>
  );
}

function download(text: string, type: string, file: string) {
  const link = window.document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = file;
  link.click();
  URL.revokeObjectURL(link.href);
}
