"""What callers without personal data see: names and numbers, never a value of a person."""

from typing import Generic, TypeVar

import msgspec
import pytest

from onefold.api.mask import HIDE, MASK, hide, plan_of
from onefold.model.access import Personal
from onefold.model.json import JsonValue

Item = TypeVar("Item")


class Leaf(msgspec.Struct):
    name: str
    value: Personal[JsonValue]


class Branch(msgspec.Struct):
    id: int
    leaves: list[Leaf]
    by_name: dict[str, Leaf]
    traits: Personal[dict[str, JsonValue]]
    first: Leaf | None = None


class Listing(msgspec.Struct, Generic[Item]):
    items: list[Item]
    next_cursor: str | None


class Plain(msgspec.Struct):
    name: str
    tags: list[str]


class Other(msgspec.Struct):
    kind: str
    secret: Personal[str]


class Tree(msgspec.Struct):
    name: str
    parts: list["Tree"]


class NamedTree(msgspec.Struct):
    value: Personal[str]
    parts: list["NamedTree"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [("ada", MASK), ("", ""), (7, None), (True, None), (None, None), (["a", 1], [MASK, None])],
)
def test_a_value_is_hidden_whatever_it_is(value: JsonValue, shown: JsonValue) -> None:
    assert hide({"name": "plan", "value": value}, plan_of(Leaf)) == {"name": "plan", "value": shown}


def test_it_is_found_at_any_depth_and_names_stay() -> None:
    leaf = {"name": "plan", "value": "gold"}
    answer = {
        "id": 1,
        "leaves": [leaf],
        "by_name": {"x": leaf},
        "traits": {"plan": "gold", "home": {"city": "Rome"}},
        "first": leaf,
    }
    hidden = {"name": "plan", "value": MASK}
    assert hide({"items": [answer], "next_cursor": "c"}, plan_of(Listing[Branch])) == {
        "items": [
            {
                "id": 1,
                "leaves": [hidden],
                "by_name": {"x": hidden},
                "traits": {"plan": MASK, "home": {"city": MASK}},
                "first": hidden,
            }
        ],
        "next_cursor": "c",
    }


@pytest.mark.parametrize("kind", [Leaf | Other, tuple[Leaf, Other], Listing[Other | Leaf]])
def test_what_may_be_of_two_types_is_hidden_of_both(kind: object) -> None:
    text = str(plan_of(kind))
    assert "'value': 'hide'" in text
    assert "'secret': 'hide'" in text
    assert plan_of(Leaf | list[Leaf]) == HIDE


def test_a_tree_of_values_is_hidden_as_a_whole_or_refused() -> None:
    with pytest.raises(ValueError, match="NamedTree holds itself"):
        plan_of(NamedTree)
    assert plan_of(Personal[NamedTree]) == HIDE


@pytest.mark.parametrize("kind", [Plain, Tree, Listing[Plain], None, bytes, dict[str, int]])
def test_where_there_is_nothing_to_hide_nothing_is_done(kind: object) -> None:
    assert plan_of(kind) is None
