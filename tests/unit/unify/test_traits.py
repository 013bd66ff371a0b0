"""Strategies of writes, and the algebra that joins them."""

from functools import reduce

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefold.model.json import JsonValue
from onefold.model.profile import Profile, Trait
from onefold.unify.traits import PARTS_MAX, Origin, Strategy, Write, join_traits, make_trait, write_trait

SET, IF_EMPTY, ADD, SUM = Strategy.SET, Strategy.SET_IF_EMPTY, Strategy.ADD, Strategy.SUM


def made(strategy: Strategy, value: JsonValue, at: int, event: int = 0, run: str = "") -> Trait:
    trait = make_trait(Write("t", strategy, value), Origin(at, event or at, 1, run))
    assert trait is not None
    return trait


def joined(*traits: Trait) -> JsonValue:
    return reduce(join_traits, traits).value


@pytest.mark.parametrize(
    ("writes", "value"),
    [
        ([(SET, "gold", 1), (SET, "silver", 2)], "silver"),
        ([(SET, "gold", 2), (IF_EMPTY, "silver", 1)], "gold"),
        ([(SET, None, 1), (IF_EMPTY, "silver", 2)], None),
        ([(IF_EMPTY, "gold", 1), (IF_EMPTY, "silver", 2)], "gold"),
        ([(ADD, "c", 1), (ADD, ["b", "a"], 2), (ADD, "c", 3)], ["a", "b", "c"]),
        ([(SET, "a", 1), (ADD, "b", 2)], ["a", "b"]),
        ([(SET, ["a", "b"], 3), (ADD, "c", 2), (ADD, "a", 4)], ["a", "b"]),
        ([(SET, 10, 1), (SUM, 2.5, 2), (SUM, "0.1", 3)], 12.6),
        ([(SET, 10, 3), (SUM, 2, 2), (SUM, 5, 4)], 15),
        ([(SUM, 0.1, 1), (SUM, 0.2, 2)], 0.3),
        ([(IF_EMPTY, 100, 1), (SUM, 5, 2)], 105),
        ([(IF_EMPTY, 100, 3), (SUM, 5, 2)], 5),
        ([(SET, "text", 1), (SUM, 5, 2)], "text"),
        ([(SUM, 5, 1), (ADD, "x", 2)], ["x"]),
    ],
)
def test_strategies(writes: list[tuple[Strategy, JsonValue, int]], value: JsonValue) -> None:
    traits = [made(*one) for one in writes]
    assert joined(*traits) == value
    assert joined(*reversed(traits)) == value


def test_what_adds_nothing_writes_nothing() -> None:
    origin = Origin(1, 1)
    for write in (
        Write("t", ADD, None),
        Write("t", SUM, "many"),
        Write("t", SUM, 0),
        Write("t", IF_EMPTY, None),
    ):
        assert make_trait(write, origin) is None


def test_one_row_counts_once_however_often_it_comes() -> None:
    row = made(SUM, 5, 1, 77, "run-1")
    assert joined(row, row, made(SUM, 5, 1, 78, "run-1"), row) == 10


def test_each_part_carries_its_run() -> None:
    trait = join_traits(made(ADD, "a", 1, 1, "run-1"), made(ADD, "b", 2, 2, "run-2"))
    assert {part.value: part.run_id for part in (trait.parts or {}).values()} == {"a": "run-1", "b": "run-2"}


def test_a_trait_has_room_for_so_many_parts() -> None:
    profile = Profile(1, 0, 0, {}, {}, {}, b"", {}, 0, [])
    for number in range(PARTS_MAX):
        assert write_trait(profile, "t", made(ADD, number, number + 1))
    assert not write_trait(profile, "t", made(ADD, "one more", 5000))
    assert write_trait(profile, "t", made(ADD, 0, 6000))
    assert len(profile.traits["t"].value) == PARTS_MAX


# The event stands for its write: equal ones carry equal values.
numbered = st.builds(
    lambda number, at, strategy, value: made(strategy, value, at, number * 100 + at * 10 + len(strategy)),
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from(list(Strategy)),
    st.just(3),
) | st.builds(
    lambda at, strategy, value: made(
        strategy, value, at, 1000 + at * 37 + len(str(value)) * 7 + len(strategy)
    ),
    st.integers(1, 4),
    st.sampled_from([SET, ADD]),
    st.sampled_from(["a", "bb", ["ccc", "dddd"]]),
)


@given(st.lists(numbered, min_size=1, max_size=8), st.randoms(), st.integers(0, 7))
def test_any_order_any_grouping_and_any_repetition_give_the_same(
    traits: list[Trait], random: st.DrawFn, cut: int
) -> None:
    expected = reduce(join_traits, traits)
    shuffled = [*traits, *traits[:2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    cut = min(cut, len(shuffled) - 1)
    left, right = shuffled[: cut + 1], shuffled[cut:]
    found = join_traits(reduce(join_traits, left), reduce(join_traits, right))
    assert found.value == expected.value
    assert sorted((found.parts or {}).items()) == sorted((expected.parts or {}).items())
    body = msgspec.msgpack.encode(found)
    assert msgspec.msgpack.decode(body, type=Trait).value == expected.value
