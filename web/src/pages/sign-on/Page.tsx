import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { postJson, wordsOf } from "../../api/client";
import type { SignedOnView } from "../../api/schema";
import { Notice } from "../../components/Notice";
import { Words } from "../../components/Words";
import classes from "../../shell/SignIn.module.css";

const FIELDS = ["state", "code", "error", "iss"];

/** Where the provider sends a browser back to: hands its answer in, and leads on. */
export default function Page() {
  const back = new URLSearchParams(window.location.search);
  const answer = Object.fromEntries(
    FIELDS.flatMap((name) => (back.has(name) ? [[name, back.get(name)]] : [])),
  );
  // A query, for it is asked once, however often the page is drawn: a code is good once.
  const done = useQuery({
    queryKey: ["sign-on", answer],
    queryFn: () => postJson<SignedOnView>("/api/v1/sign-on", answer),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const next = done.data?.next;
  useEffect(() => {
    document.title = "Sign in · Onefold";
    if (next) window.location.replace(next);
  }, [next]);
  if (!done.error) return null;
  return (
    <main className={classes.page}>
      <Notice title="You are not signed in">
        <Words text={wordsOf(done.error)} /> <a href="/">Begin again</a>
      </Notice>
    </main>
  );
}
