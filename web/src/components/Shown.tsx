import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { wordsOf } from "../api/client";
import type { Loaded } from "../api/useItem";
import { Notice } from "./Notice";
import { Words } from "./Words";

interface Props<T> {
  of: Loaded<T>;
  children(data: T): ReactNode;
}

/** What was loaded; what stands in its place until then, and when it cannot be. While the server is silent, old data stays. */
export function Shown<T>({ of, children }: Props<T>) {
  if (of.data !== undefined && of.error?.failure !== "refused") return children(of.data);
  // The shell asks to sign in.
  if (of.error === null || of.error.failure === "signed-out") return null;
  if (of.error.code === "api.missing_right") {
    return <Notice title="You may not see this">{of.error.hint}</Notice>;
  }
  const title = of.error.failure === "refused" ? "Not possible" : "Onefold does not answer";
  return (
    <Notice
      title={title}
      action={
        <Button variant="default" size="sm" onClick={of.retry}>
          Try again
        </Button>
      }
    >
      <Words text={wordsOf(of.error)} />
    </Notice>
  );
}
