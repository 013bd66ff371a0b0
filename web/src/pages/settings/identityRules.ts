/** What somebody changes of the rules of identity, before it is saved. */

import type { IdentityChoice, IdentityRules, IdentityView } from "../../api/schema";
import { LOCALE } from "../../components/format";

export const PATH = "/api/v1/identity";

export type RuleName = keyof IdentityRules;

export const RULE_NAMES: readonly RuleName[] = [
  "phone_region",
  "currency",
  "trait_identifiers",
  "blocked_values",
];

export interface Draft {
  /** Of the rules that it began with: the server refuses it when they are others by now. */
  revision: string;
  choice: IdentityChoice;
}

/** What would hold: what is chosen, else what the server says. */
export function rulesOf(choice: IdentityChoice, server: IdentityRules): IdentityRules {
  return { ...server, ...choice };
}

/** The choice with one rule set. */
export function chosen<Name extends RuleName>(
  choice: IdentityChoice,
  name: Name,
  value: IdentityRules[Name],
): IdentityChoice {
  return { ...choice, [name]: value };
}

/** The choice without one rule: the server decides about it. */
export function givenBack(choice: IdentityChoice, name: RuleName): IdentityChoice {
  return Object.fromEntries(Object.entries(choice).filter(([other]) => other !== name));
}

/** Whether saving would change anything; the order of traits means nothing. */
export function isChanged(choice: IdentityChoice, now: IdentityChoice): boolean {
  return textOf(choice) !== textOf(now);
}

function textOf({ trait_identifiers, ...rest }: IdentityChoice): string {
  const traits = trait_identifiers && Object.entries(trait_identifiers).sort();
  return JSON.stringify(RULE_NAMES.map((name) => ({ ...rest, trait_identifiers: traits })[name]));
}

/** Who says a rule, in words. */
export function originOf(name: RuleName, choice: IdentityChoice, view: IdentityView): string {
  if (choice[name] !== undefined) return "Set here.";
  if (view.origins[name] === "workspace") return "As the server says, once you save.";
  return view.origins[name] === "server" ? "As the settings of the server say." : "Not set.";
}

/** The name of a country by its two letters; empty where they are none. */
export function countryOf(letters: string): string {
  if (!/^[A-Z]{2}$/.test(letters)) return "";
  const name = new Intl.DisplayNames(LOCALE, { type: "region", fallback: "none" }).of(letters);
  return name ?? "";
}
