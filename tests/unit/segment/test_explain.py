from decimal import Decimal

import msgspec

from onefold.clock import DAY, from_iso
from onefold.model.consent import Consent, ConsentState
from onefold.model.profile import Counter, Profile, Seen, Trait
from onefold.model.segment import (
    All,
    Any,
    ConsentCondition,
    EventCondition,
    IdentifierCondition,
    Last,
    Not,
    SegmentDefinition,
    Test,
    TraitCondition,
)
from onefold.segment.explain import explain
from onefold.segment.features import features_of

NOW = from_iso("2026-03-15T10:00:00")


def test_each_part_shows_what_was_found() -> None:
    condition = All(
        [
            TraitCondition("plan", Test.EQUALS, "pro"),
            Any([IdentifierCondition("email"), IdentifierCondition("phone")]),
            Not(EventCondition("Order Completed", Test.AT_LEAST, 3, window=Last(2))),
            EventCondition("Order Completed", Test.AT_LEAST, 100, "sum", "revenue"),
        ]
    )
    definition = SegmentDefinition(1, 1, "S", condition)
    feature = features_of(definition)[0]
    profile = Profile(
        1,
        0,
        0,
        identifiers={"email": {"a@b.example": Seen(1, 1)}},
        traits={"plan": Trait("free", 1, 1)},
        counters={
            "c:Order Completed": Counter({NOW // DAY: 1, NOW // DAY - 2: 5}),
            feature.key: Counter({NOW // DAY: Decimal("99.90")}),
        },
    )
    tree = explain(definition, profile, NOW)
    plan, contact, orders, revenue = tree.parts
    assert not tree.holds
    assert (plan.holds, plan.found) == (False, "free")
    assert [part.found for part in contact.parts] == [["a@b.example"], []]
    assert contact.holds
    assert (orders.holds, orders.parts[0].found) == (True, 1)
    assert (revenue.holds, revenue.found) == (False, Decimal("99.90"))
    assert msgspec.json.decode(msgspec.json.encode(tree))["parts"][3]["found"] == "99.90"


def test_consent_shows_what_was_said() -> None:
    condition = All([ConsentCondition("email"), ConsentCondition("ads")])
    said = {"ads": Consent(ConsentState.CONSENTED, 1, 1)}
    email, ads = explain(SegmentDefinition(1, 1, "S", condition), Profile(1, 0, 0, consents=said), NOW).parts
    assert (email.holds, email.found) == (False, "unset")
    assert (ads.holds, ads.found) == (True, "consented")
