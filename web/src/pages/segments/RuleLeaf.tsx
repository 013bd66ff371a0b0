import type { ReactNode } from "react";
import { Payload } from "../../components/Payload";
import { EventLeaf } from "./EventLeaf";
import { InlineSelect, InlineText } from "./Inline";
import { useNames } from "./names";
import type { Known, Leaf } from "./rule";
import { TEST_NAMES } from "./tests";
import { ValueInput } from "./ValueInput";

const CONSENTS = {
  consented: "consented to",
  refused: "refused",
  unset: "said nothing about",
};

interface Props {
  leaf: Leaf;
  onChange(leaf: Leaf): void;
}

/** One condition as a sentence, each word of it editable where it stands. */
export function RuleLeaf({ leaf, onChange }: Props): ReactNode {
  const names = useNames();
  const { condition, isNot } = leaf;
  const set = (changed: Known, negated = isNot) =>
    onChange({ ...leaf, condition: changed, isNot: negated });
  const verb = (is: string, isOpposite: string) => (
    <InlineSelect
      label="Is it so"
      value={isNot ? "not" : "is"}
      options={{ is, not: isOpposite }}
      onChange={(chosen) => onChange({ ...leaf, isNot: chosen === "not" })}
    />
  );
  switch (condition.kind) {
    case "trait":
      return (
        <>
          {verb("their", "it is not so that their")}
          <InlineText
            label="Trait"
            value={condition.trait}
            placeholder="trait"
            suggestions={names.traits.map((one) => one.name)}
            isWrong={condition.trait === ""}
            onChange={(trait) => set({ ...condition, trait })}
          />
          <ValueInput
            test={condition.test}
            tests={TEST_NAMES}
            value={condition.value}
            seen={names.traits.find((one) => one.name === condition.trait)}
            onChange={(test, value) => set({ ...condition, test, value })}
          />
        </>
      );
    case "event":
      return <EventLeaf condition={condition} isNot={isNot} onChange={set} />;
    case "identifier":
      return (
        <>
          {verb("have an identifier", "have no identifier")}
          <InlineText
            label="Kind of identifier"
            value={condition.identifier}
            placeholder="email"
            suggestions={names.identifiers}
            isWrong={condition.identifier === ""}
            onChange={(identifier) => set({ ...condition, identifier })}
          />
        </>
      );
    case "consent":
      return (
        <>
          {verb("they", "it is not so that they")}
          <InlineSelect
            label="What they said"
            value={condition.state}
            options={CONSENTS}
            onChange={(state) => set({ ...condition, state })}
          />
          <InlineText
            label="Purpose"
            value={condition.purpose}
            placeholder="purpose"
            suggestions={names.purposes}
            isWrong={condition.purpose === ""}
            onChange={(purpose) => set({ ...condition, purpose })}
          />
        </>
      );
    case "segment":
      return (
        <>
          {verb("are in the segment", "are not in the segment")}
          <InlineSelect
            label="Segment"
            value={condition.segment_id > 0 ? String(condition.segment_id) : ""}
            options={
              condition.segment_id > 0 ? names.segments : { "": "choose one", ...names.segments }
            }
            onChange={(chosen) => set({ ...condition, segment_id: Number(chosen) })}
          />
        </>
      );
    case "unknown":
      return <Payload title="Only as code, kept as it is" value={condition.json} />;
  }
}
