"""The compiled rules against the plain reference of `explain`, on random trees and profiles."""

import string
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.clock import DAY, HOUR, from_iso
from onefold.errors import RequestError
from onefold.model.consent import Consent, ConsentState
from onefold.model.json import JsonValue
from onefold.model.profile import Counter, Profile, Seen, Trait
from onefold.model.segment import (
    All,
    Any,
    Condition,
    ConsentCondition,
    Dates,
    EventCondition,
    Ever,
    IdentifierCondition,
    Last,
    Not,
    SegmentCondition,
    SegmentDefinition,
    Test,
    TraitCondition,
    Where,
)
from onefold.segment.check import check_condition
from onefold.segment.evaluator import CONSENTS, IDENTIFIERS, TRAITS, compile_segments
from onefold.segment.explain import explain
from onefold.segment.features import features_of

NOW = from_iso("2026-03-15T10:30:00")
DAY_NOW, HOUR_NOW = NOW // DAY, NOW // HOUR

names = st.sampled_from(["plan", "age", "born", "address.city", "a.b"])
texts = st.text(string.ascii_letters + "ß", max_size=3)
numbers = st.integers(-3, 3) | st.sampled_from([0.5, 2.0, -1.25])
times = st.sampled_from(
    ["2026-03-15", "2026-03-14", "2026-03-10", "2026-03-20", "2026-03-14T23:59:59.999999Z"]
)
scalars = st.booleans() | numbers | texts | times
nested = st.dictionaries(st.sampled_from(["city", "b"]), scalars | st.lists(scalars, max_size=2), max_size=2)
values = st.none() | scalars | st.lists(scalars, max_size=3) | nested | st.lists(nested, max_size=2)


def trait_conditions() -> st.SearchStrategy[TraitCondition]:
    pairs = st.one_of(
        st.tuples(st.just(Test.EXISTS), st.none()),
        st.tuples(st.sampled_from([Test.EQUALS, Test.NOT_EQUALS, Test.CONTAINS]), scalars),
        st.tuples(st.just(Test.ONE_OF), st.lists(scalars, min_size=1, max_size=3)),
        st.tuples(st.just(Test.ONE_OF), st.lists(texts, min_size=1, max_size=3)),
        st.tuples(st.sampled_from([Test.STARTS_WITH, Test.ENDS_WITH, Test.CONTAINS]), texts.filter(bool)),
        st.tuples(st.sampled_from([Test.AT_LEAST, Test.AT_MOST, Test.MORE_THAN, Test.LESS_THAN]), numbers),
        st.tuples(st.just(Test.BETWEEN), st.lists(numbers, min_size=2, max_size=2).map(sorted)),
        st.tuples(st.just(Test.BETWEEN), st.lists(times, min_size=2, max_size=2).map(sorted)),
        st.tuples(st.sampled_from([Test.BEFORE, Test.AFTER]), times),
        st.tuples(st.sampled_from([Test.WITHIN_LAST, Test.NOT_WITHIN_LAST]), st.integers(1, 6)),
    )
    return st.builds(lambda name, pair: TraitCondition(name, pair[0], pair[1]), names, pairs)


windows = st.one_of(
    st.just(Ever()),
    st.builds(Last, st.integers(1, 5), st.just("days")),
    st.builds(Last, st.integers(1, 48), st.just("hours")),
    st.sampled_from([Dates("2026-03-12", "2026-03-14"), Dates("2026-03-15", "2026-03-15")]),
)
comparisons = st.sampled_from(
    [Test.AT_LEAST, Test.AT_MOST, Test.MORE_THAN, Test.LESS_THAN, Test.EQUALS, Test.NOT_EQUALS]
)
FILTERS: list[list[Where]] = [
    [],
    [Where("currency", Test.EQUALS, "EUR")],
    [Where("x", Test.AT_LEAST, 2)],
]
wheres = st.sampled_from(FILTERS)


@st.composite
def event_conditions(draw: st.DrawFn) -> EventCondition:
    event = draw(st.sampled_from(["Order Completed", "$page"]))
    measures: list[Literal["count", "sum"]] = ["count", "sum"]
    measure = draw(st.sampled_from(measures))
    of_value = st.integers(0, 4) if measure == "count" else st.sampled_from([0, 0.1, 1.5, -2, 3])
    test: Test = draw(comparisons)
    value: JsonValue = draw(of_value)
    if draw(st.integers(0, 6)) == 0:
        test, value = Test.BETWEEN, sorted([value, draw(of_value)])
    return EventCondition(
        event, test, value, measure, "revenue" if measure == "sum" else "", draw(windows), draw(wheres)
    )


leaves = st.one_of(
    trait_conditions(),
    event_conditions(),
    event_conditions(),
    st.builds(IdentifierCondition, st.sampled_from(["email", "phone"])),
    st.builds(ConsentCondition, st.sampled_from(["email", "ads"]), st.sampled_from(ConsentState)),
)


def trees(leaf: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(All, st.lists(inner, max_size=3)),
            st.builds(Any, st.lists(inner, max_size=3)),
            st.builds(Not, inner),
        ),
        max_leaves=5,
    )


@st.composite
def definitions(draw: st.DrawFn) -> list[SegmentDefinition]:
    """Up to four segments, in any order of ids, each asking only about earlier ones."""
    ids = draw(st.permutations(range(1, 5)))[: draw(st.integers(1, 4))]
    found: list[SegmentDefinition] = []
    for segment_id in ids:
        known = [one.id for one in found] + [9]
        leaf = st.one_of(leaves, st.builds(SegmentCondition, st.sampled_from(known)))
        found.append(SegmentDefinition(segment_id, 1, f"S{segment_id}", draw(trees(leaf))))
    return draw(st.permutations(found))


def buckets(
    now: int, back: int, amounts: st.SearchStrategy[int | Decimal]
) -> st.SearchStrategy[dict[int, int | Decimal]]:
    return st.dictionaries(st.integers(now - back, now + 1), amounts, max_size=5)


@st.composite
def profiles(draw: st.DrawFn, of: list[SegmentDefinition]) -> Profile:
    found = draw(st.dictionaries(st.sampled_from(["plan", "age", "born", "address", "a", "a.b"]), values))
    profile = Profile(1, 0, 0, traits={name: Trait(value, 1, 1) for name, value in found.items()})
    if draw(st.booleans()):
        profile.identifiers["email"] = {"a@b.example": Seen(1, 2)}
    said = st.builds(Consent, st.sampled_from(ConsentState), st.just(1), st.just(1))
    profile.consents = draw(st.dictionaries(st.sampled_from(["email", "ads"]), said))
    counts = st.integers(1, 3)
    sums = st.integers(-3, 3) | st.sampled_from([Decimal("0.1"), Decimal("-1.50"), Decimal("2.25")])
    features = {one.key: one.measure for definition in of for one in features_of(definition)}
    keys = {
        "c:Order Completed": "count",
        "c:$page": "count",
        "s:Order Completed:revenue:EUR": "sum",
        **features,
    }
    for key, measure in keys.items():
        if draw(st.integers(0, 3)):
            amounts = counts if measure == "count" else sums
            profile.counters[key] = Counter(
                draw(buckets(DAY_NOW, 6, amounts)), draw(buckets(HOUR_NOW, 49, amounts))
            )
    profile.set_mask(draw(st.integers(0, 1 << 10)))
    return profile


def interpret(of: list[SegmentDefinition], profile: Profile, clock: int, allowed: int) -> int:
    """The mask by the plain reference; asked in rounds until nothing changes."""
    profile = Profile(
        1,
        0,
        0,
        profile.identifiers,
        profile.traits,
        profile.counters,
        memberships=profile.memberships,
        consents=profile.consents,
    )
    for _ in of:
        mask = profile.mask
        for one in of:
            if allowed >> one.id & 1:
                bit = 1 << one.id
                mask = mask | bit if explain(one, profile, clock).holds else mask & ~bit
        profile.set_mask(mask)
    return profile.mask


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_compiled_rules_agree_with_the_interpreter(data: st.DataObject) -> None:
    of = data.draw(definitions())
    profile = data.draw(profiles(of))
    clock = NOW + data.draw(st.integers(-2 * DAY, 2 * DAY))
    allowed = data.draw(st.sampled_from([-1, 0b11110, 0b1010, 0]))
    mask, _ = compile_segments(of).evaluate(profile, clock, allowed)
    assert mask == interpret(of, profile, clock, allowed)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_nothing_changes_without_an_event_before_it_is_due(data: st.DataObject) -> None:
    of = data.draw(definitions())
    profile = data.draw(profiles(of))
    evaluator = compile_segments(of)
    mask, due = evaluator.evaluate(profile, NOW, -1)
    profile.set_mask(mask)
    assert due == 0 or due > NOW
    moments = sorted({(NOW // HOUR + hours) * HOUR for hours in range(1, 24 * 9)})
    for moment in moments:
        if due and moment >= due:
            break
        found, next_due = evaluator.evaluate(profile, moment, -1)
        assert found == mask
        # A day that lay ahead may have come and carry the profile further: to look too early is harmless.
        assert next_due >= due if due else next_due == 0


@given(trees(leaves))
def test_generated_trees_are_ones_that_the_check_passes(condition: Condition) -> None:
    assert check_condition(condition, {}) == []


def one(condition: Condition, segment_id: int = 1) -> SegmentDefinition:
    return SegmentDefinition(segment_id, 1, f"S{segment_id}", condition)


def customer(**days: int) -> Profile:
    counter = Counter({DAY_NOW - int(back[1:]): count for back, count in days.items()})
    return Profile(1, 0, 0, counters={"c:Order Completed": counter})


def test_a_rolling_window_is_due_when_the_bucket_that_completes_it_leaves() -> None:
    evaluator = compile_segments([one(EventCondition("Order Completed", value=2, window=Last(30)))])
    mask, due = evaluator.evaluate(customer(_20=1, _10=1, _5=1), NOW, -1)
    assert mask == 0b10
    assert due == (DAY_NOW - 10 + 30) * DAY


def test_an_answer_that_time_cannot_change_is_never_due() -> None:
    evaluator = compile_segments([one(EventCondition("Order Completed", value=9, window=Last(30)))])
    assert evaluator.evaluate(customer(_20=1), NOW, -1) == (0, 0)


def test_an_event_minutes_ahead_of_the_clock_counts_once_its_day_has_come() -> None:
    evaluator = compile_segments([one(EventCondition("Order Completed", window=Last(1)))])
    profile = Profile(1, 0, 0, counters={"c:Order Completed": Counter({DAY_NOW + 1: 1})})
    assert evaluator.evaluate(profile, NOW, -1) == (0, (DAY_NOW + 1) * DAY)
    assert evaluator.evaluate(profile, (DAY_NOW + 1) * DAY, -1)[0] == 0b10


def test_segments_not_allowed_keep_their_bit_and_answer_with_it() -> None:
    evaluator = compile_segments([one(All([]), 1), one(SegmentCondition(1), 2)])
    profile = Profile(1, 0, 0)
    assert evaluator.evaluate(profile, NOW, 0b100)[0] == 0
    assert evaluator.evaluate(profile, NOW, 0b110)[0] == 0b110


def test_ids_beyond_a_machine_word_have_their_bit() -> None:
    assert compile_segments([one(All([]), 100)]).evaluate(Profile(1, 0, 0), NOW, -1)[0] == 1 << 100


def test_a_circle_is_refused_by_name() -> None:
    with pytest.raises(RequestError, match='"S1" asks about "S2" asks about "S1"'):
        compile_segments([one(SegmentCondition(2), 1), one(Not(SegmentCondition(1)), 2)])


def test_two_hundred_conditions_in_ten_levels_compile() -> None:
    condition: Condition = Any([TraitCondition(f"t{n}", Test.EQUALS, n) for n in range(190)])
    for _ in range(9):
        condition = All([Not(condition)])
    evaluator = compile_segments([one(condition)])
    profile = Profile(1, 0, 0, traits={"t189": Trait(189, 1, 1)})
    assert evaluator.evaluate(profile, NOW, -1)[0] == 0
    assert evaluator.evaluate(Profile(1, 0, 0), NOW, -1)[0] == 0b10


def test_values_of_conditions_never_become_source() -> None:
    hostile = '"); import os; ("'
    definition = one(All([TraitCondition(hostile, Test.EQUALS, hostile), EventCondition(hostile)]))
    profile = Profile(
        1, 0, 0, traits={hostile: Trait(hostile, 1, 1)}, counters={f"c:{hostile}": Counter({DAY_NOW: 1})}
    )
    assert compile_segments([definition]).evaluate(profile, NOW, -1)[0] == 0b10


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_asking_only_whom_an_event_concerns_agrees_with_asking_all(data: st.DataObject) -> None:
    of = data.draw(definitions())
    profile = data.draw(profiles(of))
    evaluator = compile_segments(of)
    allowed = data.draw(st.sampled_from([-1, 0b11110, 0b1010, 0]))
    mask, before = evaluator.evaluate(profile, NOW, allowed)
    profile.set_mask(mask)
    event = data.draw(st.sampled_from(["Order Completed", "$page", "Nobody Counts"]))
    at = NOW - data.draw(st.integers(0, 3 * DAY))
    for key, counter in profile.counters.items():
        if event in key or (key.startswith("f:") and key in counted_by(of, event)):
            counter.days[at // DAY] = counter.days.get(at // DAY, 0) + 1
            counter.hours[at // HOUR] = counter.hours.get(at // HOUR, 0) + 1
    changed = 0
    if data.draw(st.booleans()):
        changed |= TRAITS
        profile.traits |= data.draw(profiles(of)).traits
    if data.draw(st.booleans()):
        changed |= IDENTIFIERS
        profile.identifiers |= data.draw(profiles(of)).identifiers
    if data.draw(st.booleans()):
        changed |= CONSENTS
        profile.consents |= data.draw(profiles(of)).consents
    mask, due = evaluator.evaluate_after(profile, NOW, allowed, mask, event, changed)
    all_mask, all_due = evaluator.evaluate(profile, NOW, allowed)
    assert mask == all_mask
    # The caller keeps the earlier of the time that stands and the new one: never later than it must be.
    assert not all_due or 0 < min(one for one in (before, due) if one) <= all_due


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_new_profile_is_decided_from_the_blank_one(data: st.DataObject) -> None:
    of = data.draw(definitions())
    evaluator = compile_segments(of)
    event = data.draw(st.sampled_from(["Order Completed", "$page", "Nobody Counts"]))
    profile = data.draw(profiles(of))
    profile.set_mask(0)
    counted = counted_by(of, event) | {f"c:{event}"}
    profile.counters = {key: one for key, one in profile.counters.items() if key in counted}
    clock = NOW + data.draw(st.integers(-2 * DAY, 2 * DAY))
    found = evaluator.evaluate_after(
        profile, clock, evaluator.every, evaluator.blank, event, TRAITS | IDENTIFIERS | CONSENTS
    )
    assert found == evaluator.evaluate(profile, clock, evaluator.every)


def counted_by(of: list[SegmentDefinition], event: str) -> set[str]:
    return {one.key for definition in of for one in features_of(definition) if one.event == event}
