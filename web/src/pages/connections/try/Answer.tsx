import type { GoalTrialView } from "../../../api/schema";
import { Facts } from "../../../components/Facts";
import { formatMs } from "../../../components/format";
import { Payload } from "../../../components/Payload";
import { Status, type Tone } from "../../../components/Status";
import classes from "./try.module.css";

type Request = NonNullable<GoalTrialView["request"]>;
type Response = NonNullable<GoalTrialView["response"]>;

/** The request as it would leave; secrets are named, never shown. */
export function RequestShown({ request }: { request: Request }) {
  const missing = request.missing_secrets ?? [];
  return (
    <>
      <p className={classes.line}>
        <strong>{request.method}</strong> <code>{request.url}</code>
      </p>
      {missing.length > 0 ? (
        <p role="alert">
          The connection has no secret {missing.join(", ")}: set it before you send.
        </p>
      ) : null}
      <Facts facts={request.headers} />
      {request.body ? <Payload title="Body" value={pretty(request.body)} /> : null}
    </>
  );
}

const ENDS: Record<Response["outcome"], [Tone, string]> = {
  passed: ["ok", "Delivered"],
  rejected: ["bad", "Refused"],
  deferred: ["warn", "Would be tried again"],
};

/** What came back, and what a delivery would have become of it. */
export function ResponseShown({ response }: { response: Response }) {
  const [tone, word] = ENDS[response.outcome];
  return (
    <>
      <Facts
        facts={{
          Result: <Status tone={tone} word={word} />,
          Answer: response.status ? `Status ${response.status}` : "No answer",
          Took: formatMs(response.duration_ms),
          Why: response.message || null,
          "What to do": response.hint || null,
          Code: response.code ? <code>{response.code}</code> : null,
        }}
      />
      <Payload
        title={response.is_cut ? "Body, cut: it is longer" : "Body"}
        value={pretty(response.body)}
      />
      {Object.keys(response.headers).length > 0 ? (
        <details className={classes.headers}>
          <summary>Headers</summary>
          <Facts facts={response.headers} />
        </details>
      ) : null}
    </>
  );
}

/** JSON laid out for reading; anything else as it came. */
function pretty(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
