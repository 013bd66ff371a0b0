import type { IdentityView } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { useMay } from "../../api/useMe";
import { AsCode } from "../../components/AsCode";
import { Facts } from "../../components/Facts";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { When } from "../../components/When";
import type { Follows } from "../../live/follows";
import { IdentityForm } from "./IdentityForm";
import { countryOf, PATH } from "./identityRules";
import classes from "./settings.module.css";

const FOLLOWS: Follows = { on: ["config", "people"] };

/** By which rules events say who somebody is, and from when on. */
export function Identity() {
  const found = useItem<IdentityView>(PATH, FOLLOWS);
  const mayConnect = useMay("connect");
  return (
    <Shown of={found}>
      {(view) => (
        <div className={classes.stack}>
          <Section title="Who is who" aside={<Code />}>
            <p className={classes.meaning}>
              User ids, e-mail addresses, phone numbers and devices tell people apart by themselves.
              These rules say the rest. A change holds for events from then on: people who are known
              already stay as they are. <Since of={view} />
            </p>
          </Section>
          {mayConnect ? <IdentityForm view={view} /> : <Facts facts={factsOf(view)} />}
        </div>
      )}
    </Shown>
  );
}

function Since({ of: { status } }: { of: IdentityView }) {
  if (!status.is_in_force) return <>The last change is about to hold.</>;
  if (!status.since) return null;
  return (
    <>
      The last change came <When at={status.since} />.
    </>
  );
}

function Code() {
  return (
    <AsCode
      name="Identity"
      commands={[
        ["Show the rules, and who says each of them", "onefold identity show"],
        ["Change them", "onefold identity set --phone-region DE --trait loyalty_number=loyalty"],
        [
          "Write all that is set up to files, identity.yaml among it",
          "onefold config export config/",
        ],
      ]}
    />
  );
}

function factsOf({ rules }: IdentityView) {
  const traits = Object.entries(rules.trait_identifiers ?? {}).map(
    ([trait, kind]) => `${trait} as ${kind}`,
  );
  return {
    "Country of phone numbers": countryOf(rules.phone_region) || rules.phone_region || "None",
    Currency: rules.currency,
    "Traits that identify": traits.join(", ") || "None",
    "Values that never identify":
      rules.blocked_values.join(", ") || "None but those that are built in",
  };
}
