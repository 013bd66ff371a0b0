import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ConfigPlan, IdentityRules, IdentityView } from "../../api/schema";
import { ASKS_ELSEWHERE_MS, useChange } from "../../api/useChange";
import { useDraft } from "../../api/useDraft";
import { allPlaced, problemsOf } from "../../components/fields/fields";
import {
  chosen,
  type Draft,
  givenBack,
  isChanged,
  PATH,
  RULE_NAMES,
  type RuleName,
  rulesOf,
} from "./identityRules";

/** Where the plan of the rules as a document tells what is wrong with one. */
const placeOf = (name: RuleName) => `documents.0.spec.${name}`;
const PLACES = RULE_NAMES.map(placeOf);

/** The rules as they are being changed: typed, looked at by the server, then saved. What was typed outlives a reload. */
export function useRules(view: IdentityView) {
  const queries = useQueryClient();
  const [draft, setDraft] = useDraft<Draft>("identity", (typed) => typed);
  const [round, setRound] = useState(0);
  const [isAsking, setAsking] = useState(false);
  const check = useChange<ConfigPlan>(() => setAsking(true));
  const change = useChange<IdentityView>((saved) => {
    queries.setQueryData([PATH], saved);
    setAsking(false);
    setDraft(null);
  });
  const choice = draft?.choice ?? view.choice;
  const problems = problemsOf(check.error, PLACES);

  function edit(next: Draft["choice"]) {
    setDraft({ revision: draft?.revision ?? view.revision, choice: next });
  }

  return {
    choice,
    rules: rulesOf(choice, view.server),
    isChanged: isChanged(choice, view.choice),
    isTyped: draft !== null,
    /** Inputs that keep what is typed begin anew with it: when that is dropped, never in mid-typing. */
    round: `${round} of ${draft?.revision ?? view.revision}`,
    problemOf: (name: RuleName) => problems[placeOf(name)],
    /** What no field can show. */
    error: check.error && !allPlaced(check.error, PLACES) ? check.error : null,
    set<Name extends RuleName>(name: Name, value: IdentityRules[Name]) {
      edit(chosen(choice, name, value));
    },
    giveBack(name: RuleName) {
      edit(givenBack(choice, name));
      setRound(round + 1);
    },
    drop() {
      check.reset();
      setDraft(null);
      setRound(round + 1);
    },
    /** Have the server look at them; then they can be saved. */
    check() {
      const documents = [{ kind: "identity", name: "identity", spec: choice }];
      const body = { documents, effect: true };
      const path = "/api/v1/config/plan";
      check.mutate({ method: "POST", path, body, answerMsMax: ASKS_ELSEWHERE_MS });
    },
    isChecking: check.isPending,
    /** What saving means; null until it was looked at. */
    plan: isAsking ? (check.data ?? null) : null,
    save() {
      change.mutate({ method: "PUT", path: PATH, body: choice, ifMatch: draft?.revision });
    },
    leave() {
      setAsking(false);
      change.reset();
    },
    saving: change,
  };
}
