from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

import pytest

from onefold.clock import DAY, from_iso
from onefold.model.profile import Counter, Profile, Seen, Trait
from onefold.model.segment import (
    Condition,
    EventCondition,
    Last,
    Not,
    SegmentCondition,
    SegmentDefinition,
    Test,
    TraitCondition,
    Where,
)
from onefold.segment.features import features_of
from onefold.segment.preview import BLOCK_IDS, Tally, ask, blocks, tally

NOW = from_iso("2026-03-15T10:30:00")
SHOES = [Where("category", Test.EQUALS, "shoes")]
GOLD = TraitCondition("plan", Test.EQUALS, "gold")


def person(number: int, plan: str = "", member_of: int = 0, **counters: int) -> Profile:
    profile = Profile(number, NOW, NOW)
    profile.identifiers = {"user_id": {f"u-{number}": Seen(NOW, NOW)}}
    profile.traits = {"plan": Trait(plan, NOW, 1)} if plan else {}
    profile.counters = {key: Counter({NOW // DAY: count}) for key, count in counters.items()}
    profile.set_mask(1 << member_of if member_of else 0)
    return profile


def count(
    condition: Condition,
    people: Iterable[Profile],
    kept: list[SegmentDefinition] | None = None,
    *,
    segment_id: int = 0,
    blocks_max: int = 10**6,
) -> Tally:
    by_id = {one.id: one for one in people}
    left = [blocks_max]

    def is_over() -> bool:
        left[0] -= 1
        return left[0] <= 0

    return tally(
        ask(condition, kept or []),
        lambda first, last: [by_id[n] for n in range(first, last + 1) if n in by_id],
        ids=max(by_id, default=0),
        clock=NOW,
        segment_id=segment_id,
        is_over=is_over,
    )


def test_everyone_is_asked_when_there_is_time() -> None:
    found = count(GOLD, [person(1, "gold"), person(2, "silver"), person(900, "gold")])
    assert (found.least, found.most, found.is_whole) == (2, 2, True)
    assert found.coverage == {"user_id": 2}
    assert sorted(one.id for one in found.sample) == [1, 900]


def test_nobody_is_counted_where_nobody_is() -> None:
    found = count(GOLD, [])
    assert (found.most, found.of_all(found.most), found.is_whole) == (0, 0, True)


def test_who_enters_and_leaves_is_told_against_the_members_now() -> None:
    people = [person(1, "gold", member_of=4), person(2, "gold"), person(3, "silver", member_of=4)]
    found = count(GOLD, people, segment_id=4)
    assert (found.entering, found.leaving) == (1, 1)


def test_another_segment_answers_with_its_members() -> None:
    people = [person(1, member_of=1), person(2, member_of=2)]
    assert count(SegmentCondition(1), people).most == 1
    assert count(Not(SegmentCondition(1)), people).most == 1


def test_a_count_that_ends_early_is_of_people_spread_over_all() -> None:
    total = 40 * BLOCK_IDS
    found = count(GOLD, (person(n, "gold" if n % 2 else "") for n in range(1, total + 1)), blocks_max=8)
    assert not found.is_whole
    assert found.people_looked_at == 8 * BLOCK_IDS
    assert found.of_all(found.most) == total / 2


def test_what_nobody_counts_yet_is_bounded_and_named() -> None:
    shoes = EventCondition("Seen", Test.AT_LEAST, 2, where=SHOES)
    assert ask(shoes, []).needs == (shoes,)
    found = count(shoes, [person(1, **{"c:Seen": 3}), person(2, **{"c:Seen": 1}), person(3)])
    assert (found.least, found.most) == (0, 1)


@pytest.mark.parametrize(("unit", "is_known"), [("days", True), ("hours", False)])
def test_what_a_kept_segment_counts_is_borrowed(unit: Literal["days", "hours"], is_known: bool) -> None:
    kept = SegmentDefinition(7, 3, "Shoes", EventCondition("Seen", where=SHOES))
    (feature,) = features_of(kept)
    wanted = EventCondition("Seen", Test.AT_LEAST, 2, window=Last(2, unit), where=SHOES)
    assert (ask(wanted, [kept]).needs == ()) == is_known
    if is_known:
        people = [person(1, **{"c:Seen": 5, feature.key: 2}), person(2, **{"c:Seen": 5, feature.key: 1})]
        found = count(wanted, people, [kept])
        assert (found.least, found.most) == (1, 1)


@pytest.mark.parametrize("ids", [0, 1, BLOCK_IDS, BLOCK_IDS + 1, 7 * BLOCK_IDS - 1, 64 * BLOCK_IDS])
def test_blocks_are_all_ids_each_once(ids: int) -> None:
    found = sorted(one for first, last in blocks(ids) for one in range(first, last + 1))
    assert found == list(range(1, ids + 1))


def test_the_first_blocks_are_spread() -> None:
    starts = sorted(first for first, _ in list(blocks(1000 * BLOCK_IDS))[:10])
    gaps = [after - before for before, after in pairwise(starts)]
    assert max(gaps) < 200 * BLOCK_IDS
