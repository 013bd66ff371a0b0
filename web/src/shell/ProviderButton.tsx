import { Button } from "@mantine/core";
import { useState } from "react";
import { postJson, wordsOf } from "../api/client";
import type { SignOnStep } from "../api/schema";
import classes from "./SignIn.module.css";

/** Sends the browser to the provider; it comes back to this page, signed in. */
export function ProviderButton({ label, next }: { label: string; next: string }) {
  const [said, setSaid] = useState("");
  const [isBusy, setBusy] = useState(false);

  async function begin() {
    setBusy(true);
    try {
      const { url } = await postJson<SignOnStep>("/api/v1/sign-on/begin", { next });
      window.location.assign(url);
    } catch (error) {
      setSaid(wordsOf(error));
      setBusy(false);
    }
  }

  return (
    <div className={classes.form}>
      <Button size="sm" variant="default" loading={isBusy} onClick={begin}>
        Sign in with {label}
      </Button>
      {said ? <p role="alert">{said}</p> : null}
    </div>
  );
}
