import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, sendJson } from "../../../api/client";
import type { ConnectionView, ConnectorInfo, TrialView } from "../../../api/schema";
import { ASKS_ELSEWHERE_MS, useChange } from "../../../api/useChange";
import { useDraft } from "../../../api/useDraft";
import { allPlaced, type Problems, problemsOf } from "../../../components/fields/fields";
import {
  changeBody,
  changesOf,
  type Draft,
  draftOf,
  EMPTY,
  givenSecrets,
  newBody,
  pathOf,
  pathsOf,
  withoutSecrets,
} from "./draft";

const PATH = "/api/v1/connections";

/** A connection that is set up, new or kept: what was typed, what is wrong with it, and what can be done. */
export function useSetup(connector: ConnectorInfo, kept: ConnectionView | null) {
  const key = kept ? `connection:${kept.id}` : `new-connection:${connector.name}`;
  const [typed, setTyped] = useDraft<Draft>(key, withoutSecrets);
  const [touched, setTouched] = useState<readonly string[]>([]);
  const save = useChange<ConnectionView>();
  const draft = typed ?? (kept ? draftOf(kept) : EMPTY);
  const path = kept ? `${PATH}/${kept.id}` : PATH;
  const account = kept
    ? {
        settings: changesOf(kept.settings, draft.settings),
        secrets: givenSecrets(draft.secrets),
      }
    : {
        connector: connector.name,
        settings: changesOf({}, draft.settings),
        secrets: givenSecrets(draft.secrets),
      };
  const trial = useMutation({
    mutationFn: () =>
      sendJson<TrialView>("POST", `${path}/test`, account, { answerMsMax: ASKS_ELSEWHERE_MS }),
  });
  const paths = pathsOf(connector, draft);
  const error = save.error ?? trial.error;

  return {
    draft,
    isEdited: typed !== null,
    /** What to ask for the values of a field with. */
    options: { path: `${path}/options`, account },
    problems: problemsNow(error, trial.data, connector, paths, touched),
    /** What stands at no field. */
    otherError: error && !allPlaced(error, paths) ? error : null,
    isPlaced: error !== null && allPlaced(error, paths),
    isConflict: save.error instanceof ApiError && save.error.code === "api.changed_meanwhile",
    trial,
    isTrialOld: touched.length > 0,
    isSaving: save.isPending,

    edit(change: Partial<Draft>, ...changed: string[]) {
      setTyped({ ...draft, ...change });
      setTouched([...touched, ...changed]);
    },
    discard() {
      setTyped(null);
      setTouched([]);
      save.reset();
      trial.reset();
    },
    test() {
      setTouched([]);
      save.reset();
      trial.mutate();
    },
    /** `version`: of the kept one that this is to replace, whatever it holds. */
    save(onSaved: (connection: ConnectionView) => void, version = draft.version) {
      setTouched([]);
      trial.reset();
      const body = kept ? changeBody(kept, { ...draft, version }) : newBody(connector.name, draft);
      save.mutate(
        { method: kept ? "PATCH" : "POST", path, body },
        {
          onSuccess: (connection) => {
            setTyped(null);
            onSaved(connection);
          },
        },
      );
    },
  };
}

export type Setup = ReturnType<typeof useSetup>;

/** What the server and the test object to, but for what was changed since. */
function problemsNow(
  error: unknown,
  trial: TrialView | undefined,
  connector: ConnectorInfo,
  paths: string[],
  touched: readonly string[],
): Problems {
  const found: Record<string, string> = { ...problemsOf(error, paths) };
  for (const probe of trial?.probes ?? []) {
    const field = connector.fields.find((one) => one.name === probe.field);
    if (field && !probe.passed) found[pathOf(field)] ??= probe.message ?? "";
  }
  for (const path of touched) delete found[path];
  return found;
}
