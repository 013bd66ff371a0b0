"""Values read from a profile, by each kind of source."""

from decimal import Decimal

import msgspec

from onefold.activate.map import compile_mappings
from onefold.activate.person import Person, decode_person
from onefold.clock import DAY
from onefold.model.consent import Consent, ConsentState
from onefold.model.interaction import Interaction
from onefold.model.mapping import (
    ConsentValue,
    CounterValue,
    IdentifierValue,
    InteractionsValue,
    InteractionValue,
    Mapping,
    SeenValue,
    SegmentsValue,
    SegmentValue,
    TemplateValue,
    TextValue,
    TraitValue,
)
from onefold.model.profile import Counter, Profile, Seen, Trait, encode_profile
from onefold.plugin import Refusal

AT = 20_000 * DAY


def person(**fields):
    profile = Profile(1, AT, AT + DAY, **fields)
    return decode_person(encode_profile(profile))


def read(source, **fields):
    return compile_mappings([Mapping(source, "field")])(person(**fields), AT)[0]


def test_the_lean_view_has_the_fields_of_a_profile_in_their_order():
    lean = Person.__struct_fields__
    assert Profile.__struct_fields__[: len(lean)] == lean


def test_a_person_stored_before_there_was_a_piece_has_nothing_in_it():
    stored = msgspec.msgpack.decode(encode_profile(Profile(1, AT, AT)))
    older = decode_person(msgspec.msgpack.encode(stored[:-1]))
    assert compile_mappings([Mapping(InteractionValue("c1"), "saw")])(older, AT) == [False]


def test_a_trait():
    assert read(TraitValue("plan"), traits={"plan": Trait("pro", AT, 1)}) == "pro"
    assert read(TraitValue("plan"), traits={"plan": Trait(None, AT, 1)}) is None
    assert read(TraitValue("plan")) is None


def test_the_identifier_seen_last():
    seen = {"email": {"old@x.io": Seen(1, 5), "new@x.io": Seen(2, 9)}}
    assert read(IdentifierValue("email"), identifiers=seen) == "new@x.io"
    assert read(IdentifierValue("phone"), identifiers=seen) is None


def test_membership():
    assert read(SegmentValue(9), memberships=b"\x00\x02") is True
    assert read(SegmentValue(8), memberships=b"\x00\x02") is False
    assert read(SegmentValue(90), memberships=b"\x00\x02") is False


def test_text_and_times():
    assert read(TextValue("hello")) == "hello"
    assert read(SeenValue("first")) == "2024-10-04T00:00:00.000Z"
    assert read(SeenValue("last")) == "2024-10-05T00:00:00.000Z"


def test_counters_in_a_window_or_ever():
    counters = {
        "c:Order": Counter({20_000: 2, 19_999: 3, 19_000: 5}),
        "s:Order:revenue:EUR": Counter({20_000: Decimal("0.10"), 19_000: Decimal("0.20")}),
    }
    assert read(CounterValue("Order"), counters=counters) == 10
    assert read(CounterValue("Order", days=2), counters=counters) == 5
    assert read(CounterValue("Order", "revenue", "EUR"), counters=counters) == Decimal("0.30")
    assert read(CounterValue("Other"), counters=counters) == 0


def test_the_names_of_segments_in_the_order_of_their_ids():
    one = person(memberships=b"\x2a")
    names = {5: "Gold", 3: "VIP", 1: "Active", 4: "Others"}
    row = compile_mappings([Mapping(SegmentsValue(), "a"), Mapping(SegmentsValue([5, 4]), "b")])
    assert row(one, AT, names) == [["Active", "VIP", "Gold"], ["Gold"]]
    assert row(one, AT) == [[], []], "of segments without a name nothing can be told"


def test_what_the_person_said_of_a_purpose():
    said = {"email": Consent(ConsentState.CONSENTED, AT, 1), "ads": Consent(ConsentState.REFUSED, AT, 1)}
    assert read(ConsentValue("email"), consents=said) == "consented"
    assert read(ConsentValue("ads"), consents=said) == "refused"
    assert read(ConsentValue("phone"), consents=said) == "unset", "nothing said"


def test_what_the_person_saw_is_a_list_of_names_or_ids_the_latest_first():
    saw = {
        "email": {
            "c1": Interaction("Welcome", "campaign", 2, AT - 9 * DAY, AT - DAY, 1),
            "c2": Interaction("Spring", "campaign", 1, AT - 40 * DAY, AT - 40 * DAY, 1),
        },
        "site": {
            "b1": Interaction("Spring", "banner", 1, AT, AT, 1),
            "b2": Interaction("", "", 1, AT - DAY, AT - DAY, 1),
        },
    }
    assert read(InteractionsValue(), interactions=saw) == ["Spring", "Welcome", "b2"], "each name once"
    assert read(InteractionsValue(what="ids"), interactions=saw) == ["b1", "c1", "b2", "c2"]
    assert read(InteractionsValue(" Email "), interactions=saw) == ["Welcome", "Spring"]
    assert read(InteractionsValue("email", days=2), interactions=saw) == ["Welcome"]
    assert read(InteractionsValue(limit=1), interactions=saw) == ["Spring"]
    assert read(InteractionsValue("push"), interactions=saw) is None
    assert read(InteractionsValue()) is None


def test_whether_the_person_saw_one():
    saw = {
        "email": {"c1": Interaction("Welcome", "campaign", 2, AT - 9 * DAY, AT - 5 * DAY, 1)},
        "site": {"b1": Interaction("", "banner", 1, AT, AT, 1)},
    }
    assert read(InteractionValue("c1"), interactions=saw) is True
    assert read(InteractionValue(name="Welcome"), interactions=saw) is True
    assert read(InteractionValue(name="b1"), interactions=saw) is True, "without a name its id is its name"
    assert read(InteractionValue("Welcome"), interactions=saw) is False
    assert read(InteractionValue("c1", days=5), interactions=saw) is False
    assert read(InteractionValue("c1", days=6), interactions=saw) is True
    assert read(InteractionValue("c1", channel="site"), interactions=saw) is False
    assert read(InteractionValue("c1")) is False


def test_a_template_reads_traits_identifiers_and_counters():
    source = TemplateValue(
        "{{ traits.plan }} {{ identifiers.email }} {{ counters.Order }} {{ last_seen[:10] }}"
    )
    found = read(
        source,
        traits={"plan": Trait("pro", AT, 1), "gone": Trait(None, AT, 1)},
        identifiers={"email": {"old@x.io": Seen(1, 5), "new@x.io": Seen(2, 9)}},
        counters={"c:Order": Counter({20_000: 2, 19_000: 5})},
    )
    assert found == "pro new@x.io 7 2024-10-05"
    assert read(TemplateValue("{{ traits.gone }}"), traits={"gone": Trait(None, AT, 1)}) is None


def test_a_template_that_fails_or_is_none_is_refused_with_what_to_do():
    for source in ("{{ traits.plan + 1 }}", "{{ config }}"):
        refusal = read(TemplateValue(source), traits={"plan": Trait("pro", AT, 1)})
        assert isinstance(refusal, Refusal)
        assert (refusal.code, bool(refusal.hint)) == ("activate.template", True)
        assert "pro" not in refusal.reason
