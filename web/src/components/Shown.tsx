import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { wordsOf } from "../api/client";
import type { Loaded } from "../api/useItem";
import { SignIn } from "../shell/SignIn";
import { Notice } from "./Notice";
import classes from "./Shown.module.css";
import { Words } from "./Words";

interface Props<T> {
  of: Loaded<T>;
  children(data: T): ReactNode;
}

/**
 * What was loaded; what stands in its place until then, and when it cannot be. While the server is silent, old data
 * stays; while nobody is signed in, it is out of sight, with whatever was typed there.
 */
export function Shown<T>({ of, children }: Props<T>) {
  const isSignedOut = of.error?.failure === "signed-out";
  if (of.data !== undefined && (of.error === null || of.error.failure !== "refused")) {
    return (
      <>
        {isSignedOut ? <SignIn done={of.retry} /> : null}
        <div className={classes.shown} hidden={isSignedOut}>
          {children(of.data)}
        </div>
      </>
    );
  }
  if (of.error === null) return null;
  if (isSignedOut) return <SignIn done={of.retry} />;
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
