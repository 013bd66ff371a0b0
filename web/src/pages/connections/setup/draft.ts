/** A connection as somebody types it, and what of it is sent to the server. */

import type { ConnectionView, ConnectorInfo, Notices } from "../../../api/schema";
import { isGiven, type Values } from "../../../components/fields/fields";

/** A text to keep, null to erase the kept one; what is left out stays. */
export type Secrets = Record<string, string | null>;

export interface Draft {
  name: string;
  settings: Values;
  secrets: Secrets;
  description: string;
  owner: string;
  labels: string[];
  notices: Required<Notices>;
  /** The version that it began from, so that nobody's change is overwritten unseen; 0: of a new one. */
  version: number;
}

export const EMPTY: Draft = {
  name: "",
  settings: {},
  secrets: {},
  description: "",
  owner: "",
  labels: [],
  notices: { addresses: [], when: "failures" },
  version: 0,
};

export function draftOf(connection: ConnectionView): Draft {
  const { name, settings, description, owner, labels, notices, version } = connection;
  return {
    name,
    settings,
    secrets: {},
    description,
    owner,
    labels,
    notices: { addresses: notices.addresses ?? [], when: notices.when ?? "failures" },
    version,
  };
}

/** What may be written down until it is saved: all but secrets. */
export function withoutSecrets(draft: Draft): Draft {
  return { ...draft, secrets: {} };
}

/** Settings that differ from the kept ones; null takes one away. */
export function changesOf(before: Values, after: Values): Values {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter(
    (name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null),
  );
  return Object.fromEntries(changed.map((name) => [name, after[name] ?? null]));
}

export function givenSecrets(secrets: Secrets): Secrets {
  return Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== ""));
}

/** The body that makes a new connection: off, so that nothing leaves before somebody wants it. */
export function newBody(connector: string, draft: Draft) {
  const { version: _, settings, secrets, ...rest } = draft;
  const given = Object.entries(settings).filter(([, value]) => isGiven(value));
  return {
    ...rest,
    connector,
    enabled: false,
    settings: Object.fromEntries(given),
    secrets: givenSecrets(secrets),
  };
}

/** The body that changes a kept connection. */
export function changeBody(kept: ConnectionView, draft: Draft) {
  const { settings, secrets, ...rest } = draft;
  return {
    ...rest,
    settings: changesOf(kept.settings, settings),
    secrets: givenSecrets(secrets),
  };
}

/** The paths at which the form shows what the server objects to. */
export function pathsOf(connector: ConnectorInfo, draft: Draft): string[] {
  const fields = connector.fields.map((field) => pathOf(field));
  const others = Object.keys(draft.secrets).map((name) => `secrets.${name}`);
  return ["name", "description", "owner", "labels", "notices", ...fields, ...others];
}

export function pathOf(field: { name: string; kind?: string }): string {
  return `${field.kind === "secret" ? "secrets" : "settings"}.${field.name}`;
}
