/** The values of a profile that can fill a field: every source that the API knows, in words. */
import type { Mapping } from "../../../api/schema";

export type Source = Mapping["source"];
export type SourceKind = Source["kind"];
export type SourceOf<K extends SourceKind> = Extract<Source, { kind: K }>;

interface KindOfSource {
  title: string;
  group: string;
  /** What it is before anything is chosen. */
  start: Source;
}

const SEEN = { channel: "", days: 0 } as const;

/** By kind, so that a kind that the API gets cannot be forgotten here. */
export const SOURCES: Record<SourceKind, KindOfSource> = {
  trait: { title: "Trait", group: "Profile", start: { kind: "trait", trait: "" } },
  identifier: {
    title: "Identifier",
    group: "Profile",
    start: { kind: "identifier", identifier: "" },
  },
  consent: { title: "Consent", group: "Profile", start: { kind: "consent", purpose: "" } },
  counter: {
    title: "Count or revenue",
    group: "Computed",
    start: { kind: "counter", event: "", measure: "count", currency: "", days: 0 },
  },
  seen: { title: "First or last seen", group: "Computed", start: { kind: "seen", which: "last" } },
  segment: { title: "In a segment", group: "Segments", start: { kind: "segment", segment_id: 0 } },
  segments: {
    title: "Names of segments",
    group: "Segments",
    start: { kind: "segments", segment_ids: [] },
  },
  interaction: {
    title: "Saw one message",
    group: "Interactions",
    start: { kind: "interaction", interaction_id: "", name: "", ...SEEN },
  },
  interactions: {
    title: "Messages seen",
    group: "Interactions",
    start: { kind: "interactions", what: "names", limit: 25, ...SEEN },
  },
  text: { title: "Fixed text", group: "Written", start: { kind: "text", text: "" } },
  template: { title: "Template", group: "Written", start: { kind: "template", template: "" } },
};

const KINDS = Object.entries(SOURCES);

/** As groups of a choice. */
export const SOURCE_CHOICES = [...new Set(KINDS.map(([, one]) => one.group))].map((group) => ({
  group,
  items: KINDS.filter(([, one]) => one.group === group).map(([value, one]) => ({
    value,
    label: one.title,
  })),
}));

/** What a field that is filled by it would be called. */
export function fieldFor(source: Source): string {
  if (source.kind === "trait") return source.trait;
  if (source.kind === "identifier") return source.identifier;
  return "";
}
