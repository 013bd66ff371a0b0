"""What becomes of a goal's fields when a person leaves, or a row is taken out."""

import msgspec
import pytest

from onefold.activate.contest import Contest
from onefold.activate.rows import Rows, part
from onefold.connectors.braze.attributes import AttributesWriter
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, TraitValue

WRITER = AttributesWriter()
HELD = ["@", "#", "plan", "color", "old"]


def rows(*mappings, others=(), **settings):
    goal = Goal(1, 1, "export", "Goal", True, 3, list(mappings))
    return Rows(goal, settings, Contest([goal, *others]))


def trait(name, **more):
    return Mapping(TraitValue(name), name, **more)


@pytest.mark.parametrize(
    ("mapping", "setting", "expected"),
    [
        (trait("plan"), "keep", {}),
        (trait("plan"), "null", {"plan": None}),
        (trait("plan", leaving="none"), "null", {"plan": "none"}),
        (trait("plan", leaving=None), "keep", {"plan": None}),
        (trait("plan", leaving=False), "keep", {"plan": False}),
        (trait("never_sent"), "null", {}),
        (trait("plan", leaving="much", type="number"), "null", {}),
    ],
)
def test_leaving(mapping, setting, expected):
    made = msgspec.convert(msgspec.to_builtins(mapping), Mapping)
    found = rows(made, leaving=setting)
    assert found.after_leaving(HELD, WRITER) == expected
    assert found.minds_leaving is bool(setting == "null" or "leaving" in msgspec.to_builtins(mapping))


def test_fields_without_a_row_are_removed_if_wished():
    assert rows(trait("plan")).after_removal(HELD, WRITER) == {}
    assert rows(trait("plan"), removed="null").after_removal(HELD, WRITER) == {"color": None, "old": None}
    assert rows(trait("plan"), removed="null").minds_leaving


def test_what_another_goal_writes_is_not_removed():
    other = Goal(2, 1, "export", "Other", True, 0, [trait("color")])
    found = rows(trait("plan"), others=[other], removed="null")
    assert found.after_removal(HELD, WRITER) == {"old": None}
    off = msgspec.structs.replace(other, enabled=False)
    found = rows(trait("plan"), others=[off], removed="null")
    assert found.after_removal(HELD, WRITER) == {"color": None, "old": None}


def test_what_cannot_be_removed_is_kept():
    assert rows(trait("plan"), removed="null").after_removal(["email_subscribe"], WRITER) == {}


def test_values_are_parted_by_their_ledger():
    assert part({"a": 1, "b": 2}, frozenset("b")) == ({"a": 1}, {"b": 2})
    assert part({"a": 1}, frozenset()) == ({"a": 1}, {})
