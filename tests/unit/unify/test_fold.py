"""What an event adds, and that a merge is a join: in any order, in any grouping, the same profile."""

from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from onefold.clock import DAY, HOUR
from onefold.model.consent import Consent, ConsentState, later
from onefold.model.interaction import Interaction
from onefold.model.profile import (
    Counter,
    Profile,
    Seen,
    Trait,
    canonical_profile,
    decode_profile,
    encode_profile,
)
from onefold.unify.fold import FEATURES_MAX, fold, merge_profiles
from onefold.unify.identify import EventIdentifier
from onefold.unify.read import Reading
from onefold.unify.traits import PROFILE_TRAITS_MAX

NOW = 20_000 * DAY


def reading(**fields: object) -> Reading:
    values: dict[str, object] = {
        "event_hash": 1,
        "source_id": 1,
        "occurred_at": NOW,
        "received_at": NOW,
        "type": "track",
        "name": "Bought",
        "identifiers": [EventIdentifier("user_id:u", "user_id", "u")],
    }
    return Reading(**(values | fields))  # type: ignore[arg-type]


def profile() -> Profile:
    return Profile(1, NOW, NOW, {"user_id": {"u": Seen(NOW, NOW)}}, {}, {}, b"", {}, 0, [])


def test_late_traits_do_not_win_and_null_removes() -> None:
    one = profile()
    fold(one, reading(event_hash=2, traits={"plan": "pro", "city": "Rome"}), NOW)
    fold(one, reading(event_hash=1, occurred_at=NOW - 1, traits={"plan": "free"}), NOW)
    fold(one, reading(event_hash=3, occurred_at=NOW + 1, traits={"city": None}), NOW)
    assert one.trait("plan") == "pro"
    assert one.trait("city") is None
    assert "city" in one.traits
    fold(one, reading(event_hash=4, traits={"city": "Oslo"}), NOW)
    assert one.trait("city") is None, "a removal is not undone by what happened before it"


def test_counts_and_sums_go_by_day_and_hour() -> None:
    one = profile()
    fold(one, reading(revenue=Decimal("0.10"), currency="EUR"), NOW)
    fold(one, reading(revenue=Decimal("0.20"), currency="EUR"), NOW)
    assert one.counters["c:Bought"] == Counter({20_000: 2}, {20_000 * 24: 2})
    assert one.counters["s:Bought:revenue:EUR"].days == {20_000: Decimal("0.30")}


def test_hours_live_two_days() -> None:
    one = profile()
    fold(one, reading(), NOW)
    fold(one, reading(occurred_at=NOW + 50 * HOUR), NOW + 50 * HOUR)
    fold(one, reading(occurred_at=NOW), NOW + 50 * HOUR)
    assert list(one.counters["c:Bought"].hours) == [(NOW + 50 * HOUR) // HOUR]
    assert sum(one.counters["c:Bought"].days.values()) == 3


def test_event_names_made_of_data_do_not_grow_a_profile_for_ever() -> None:
    one = profile()
    for number in range(FEATURES_MAX + 10):
        fold(one, reading(name=f"Viewed {number}"), NOW)
    assert len(one.counters) == FEATURES_MAX


def test_event_names_and_traits_without_room_are_counted_as_dropped() -> None:
    one = profile()
    one.counters = {f"c:Viewed {number}": Counter({}, {}) for number in range(FEATURES_MAX)}
    one.traits = {f"t{number}": Trait(1, 1, 1) for number in range(PROFILE_TRAITS_MAX)}
    event = reading(traits={"new": 1, "t0": 2})
    assert fold(one, event, NOW) == ["t0"]
    assert event.dropped == 2
    assert "new" not in one.traits


def test_large_values_of_a_profile_are_bounded_together() -> None:
    one = profile()
    large = "x" * 100_000
    events = [reading(traits={f"note {number}": large}, occurred_at=NOW + number) for number in range(4)]
    changed = [list(fold(one, event, NOW)) for event in events]
    assert changed == [["note 0"], ["note 1"], [], []]
    assert [event.dropped for event in events] == [0, 0, 1, 1]
    # Another value of what is there counts in place of it, and small ones always have room.
    later = reading(traits={"note 0": [large], "plan": "gold"}, occurred_at=NOW + 9)
    assert list(fold(one, later, NOW)) == ["note 0", "plan"]


def test_a_trait_counts_as_changed_only_if_its_value_is_another() -> None:
    one = profile()
    fold(one, reading(traits={"vip": True, "tags": ["a"]}), NOW)
    again = reading(traits={"vip": True, "tags": ["a"]}, occurred_at=NOW + 1)
    # Lists and objects are not compared: inside of them 1 would pass for true.
    assert list(fold(one, again, NOW)) == ["tags"]
    assert list(fold(one, reading(traits={"vip": 1}, occurred_at=NOW + 2), NOW)) == ["vip"]
    assert list(fold(one, reading(traits={"vip": 2}, occurred_at=NOW), NOW)) == []


def test_seen_times_widen() -> None:
    one = profile()
    fold(one, reading(occurred_at=NOW - 5), NOW)
    fold(one, reading(occurred_at=NOW + 5), NOW)
    assert one.identifiers["user_id"]["u"] == Seen(NOW - 5, NOW + 5)
    assert (one.first_seen, one.last_seen) == (NOW - 5, NOW + 5)


buckets = st.dictionaries(
    st.integers(19_990, 20_000), st.integers(1, 9) | st.decimals("0.01", 99, places=2), max_size=3
)
traits = st.dictionaries(
    st.sampled_from("abc"),
    # The hash stands for the event: equal ones carry equal values.
    st.builds(lambda at, number: Trait(f"{at}.{number}", at, number), st.integers(1, 3), st.integers(1, 3)),
)
# Few times and hashes, so that they tie: then the content decides.
consents = st.builds(
    Consent,
    st.sampled_from(ConsentState),
    st.integers(1, 2),
    st.integers(1, 2),
    st.just(1),
    st.sampled_from(["m1", "m2"]),
)
interactions = st.builds(
    Interaction,
    st.sampled_from(["Spring", ""]),
    st.just("campaign"),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(2, 3),
    st.integers(1, 2),
)
people = st.builds(
    Profile,
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(10, 19),
    st.dictionaries(
        st.sampled_from(["user_id", "email"]),
        st.dictionaries(
            st.sampled_from("xyz"), st.builds(Seen, st.integers(1, 5), st.integers(5, 9)), min_size=1
        ),
    ),
    traits,
    st.dictionaries(st.sampled_from(["c:A", "s:B:revenue:EUR"]), st.builds(Counter, buckets, st.just({}))),
    consents=st.dictionaries(st.sampled_from(["email", "ads"]), consents),
    interactions=st.dictionaries(
        st.sampled_from(["email", "push"]), st.dictionaries(st.sampled_from("xyz"), interactions, min_size=1)
    ),
)


def copy(one: Profile) -> Profile:
    return decode_profile(encode_profile(one))


def joined(*order: Profile) -> object:
    first, *others = map(copy, order)
    for other in others:
        merge_profiles(first, other)
    return canonical_profile(first, NOW)


@given(people, people)
def test_merging_is_commutative(one: Profile, two: Profile) -> None:
    assert joined(one, two) == joined(two, one)


@given(people, people, people)
def test_merging_is_associative(one: Profile, two: Profile, three: Profile) -> None:
    right = copy(two)
    merge_profiles(right, copy(three))
    assert joined(joined_profile(one, two), three) == joined(one, right)


def joined_profile(one: Profile, two: Profile) -> Profile:
    left = copy(one)
    merge_profiles(left, copy(two))
    return left


@given(people)
def test_the_stored_form_gives_the_same_bytes_again(one: Profile) -> None:
    assert encode_profile(copy(one)) == encode_profile(one)


@given(people)
def test_merging_with_the_same_again_changes_nothing_but_counts(one: Profile) -> None:
    twin = copy(one)
    twin.counters = {}
    for ones in twin.interactions.values():
        for seen in ones.values():
            seen.count = 0
    merged = copy(one)
    merge_profiles(merged, twin)
    assert canonical_profile(merged, NOW) == canonical_profile(one, NOW)


@given(consents, consents, consents)
def test_of_statements_about_a_purpose_the_later_stands_in_any_order(
    one: Consent, two: Consent, three: Consent
) -> None:
    assert later(one, two) == later(two, one)
    assert later(later(one, two), three) == later(one, later(two, three))
    assert later(one, one) == one


def test_a_statement_made_earlier_comes_too_late() -> None:
    one = profile()
    refused = Consent(ConsentState.REFUSED, NOW, 2, 1, "m2", "phone call", "Ada to Bob")
    fold(one, reading(consents={"email": refused}), NOW)
    fold(one, reading(consents={"email": Consent(ConsentState.CONSENTED, NOW - 1, 3, 1, "m3")}), NOW)
    assert one.consents == {"email": refused}
    assert one.consent("email") is ConsentState.REFUSED
    assert one.consent("ads") is ConsentState.UNSET


def test_a_profile_stored_before_there_was_consent_can_be_read() -> None:
    stored = msgspec.msgpack.decode(encode_profile(profile()))
    assert decode_profile(msgspec.msgpack.encode(stored[:-2])) == profile()
