import { wordsOf } from "../api/client";
import { Words } from "./Words";

/** What came of a change that did not happen; nothing while all is well. */
export function Problem({ of: error }: { of: unknown }) {
  return error ? (
    <p role="alert">
      <Words text={wordsOf(error)} />
    </p>
  ) : null;
}
