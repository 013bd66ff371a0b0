import { wordsOf } from "../api/client";

/** What came of a change that did not happen; nothing while all is well. */
export function Problem({ of: error }: { of: unknown }) {
  return error ? <p role="alert">{wordsOf(error)}</p> : null;
}
