"""Bounds hold for whatever the unknown turns out to be: random trees, random filtered counts."""

from hypothesis import given
from hypothesis import strategies as st

from onefold.clock import DAY, from_iso
from onefold.model.profile import Counter, Profile
from onefold.model.segment import (
    All,
    Any,
    Condition,
    EventCondition,
    Last,
    Not,
    SegmentDefinition,
    Test,
    Where,
)
from onefold.segment.bounds import narrowest, widest
from onefold.segment.explain import explain
from onefold.segment.features import features_of

NOW = from_iso("2026-03-15T10:30:00")
TODAY = NOW // DAY
SHOES = [Where("category", Test.EQUALS, "shoes")]


def conditions() -> st.SearchStrategy[EventCondition]:
    ordered = st.sampled_from(
        [Test.AT_LEAST, Test.AT_MOST, Test.MORE_THAN, Test.LESS_THAN, Test.EQUALS, Test.NOT_EQUALS]
    )
    single = st.tuples(ordered, st.integers(0, 3))
    pairs = st.tuples(st.just(Test.BETWEEN), st.lists(st.integers(0, 3), min_size=2, max_size=2).map(sorted))
    windows = st.sampled_from([Last(1), Last(3)])
    return st.builds(
        lambda pair, measure, window: EventCondition(
            "Seen", *pair, measure, "price" if measure == "sum" else "", window, SHOES
        ),
        single | pairs,
        st.sampled_from(["count", "sum"]),
        windows,
    )


trees = st.recursive(
    conditions(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(All), st.lists(inner, max_size=3).map(Any), inner.map(Not)
    ),
    max_leaves=5,
)


@given(trees, st.lists(st.integers(0, 3), min_size=3, max_size=3), st.data())
def test_bounds_enclose_the_truth(tree: Condition, seen: list[int], data: st.DataObject) -> None:
    definition = SegmentDefinition(0, 0, "", tree)
    days = {TODAY - n: count for n, count in enumerate(seen) if count}
    counters = {"c:Seen": Counter(days)} if days else {}
    for feature in features_of(definition):
        most = {day: 4 if feature.measure == "sum" else count for day, count in days.items()}
        filtered = {day: data.draw(st.integers(-4 if feature.measure == "sum" else 0, count))
                    for day, count in most.items()}  # fmt: skip
        counters[feature.key] = Counter({day: count for day, count in filtered.items() if count})
    profile = Profile(1, NOW, NOW, counters=counters)

    def holds(one: Condition) -> bool:
        return explain(SegmentDefinition(0, 0, "", one), profile, NOW).holds

    def is_unknown(_: EventCondition) -> bool:
        return True

    assert holds(narrowest(tree, is_unknown)) <= holds(tree) <= holds(widest(tree, is_unknown))


def test_what_is_known_stays_as_it_is() -> None:
    known = All([EventCondition("Seen"), Not(EventCondition("Seen", where=SHOES))])
    assert narrowest(known, lambda _: False) == known == widest(known, lambda _: False)


def test_who_never_did_it_is_told_for_sure() -> None:
    shoes = EventCondition("Seen", where=SHOES)
    assert widest(shoes, lambda _: True) == EventCondition("Seen")
    assert narrowest(Not(shoes), lambda _: True) == Not(EventCondition("Seen"))
