"""How one person's fields stand, and which marks tell the truth."""

from typing import Any

import msgspec
import pytest

from onefold.activate.comparison import FieldLook, Wanted, look_at, marks_of_nobody, show, true_marks
from onefold.activate.ledger import ADDRESS, CONTENT, hash_value
from onefold.model.comparison import FieldState
from onefold.model.delta import UNKNOWN
from onefold.model.mapping import ValueType
from onefold.plugin import Refusal

H = hash_value
HERE = H("e:u1")


class Reader:
    """Takes every value as it is; one field is never told."""

    def can_read(self, field: str) -> bool:
        return field != "secret"

    def fit(self, field: str, theirs: Any, ours: Any, as_type: ValueType) -> Any:
        return theirs


def look(ours: Any, theirs: Any, held: int | None = None, shared: str = "") -> FieldLook:
    wanted = [Wanted("plan", ValueType.AUTO, ours)]
    there = None if theirs is None else {"plan": theirs}
    marks = {} if held is None else {"plan": held}
    (found,) = look_at(wanted, there or {}, marks, Reader(), {"plan": shared} if shared else {})  # type: ignore[arg-type]
    return found


REFUSAL = Refusal("activate.braze.value", "plan", "no", "mend it")


@pytest.mark.parametrize(
    ("ours", "theirs", "held", "state", "drifted", "due"),
    [
        ("a", "a", H("a"), "same", False, False),
        ("a", "a", None, "same", False, False),
        ("a", "a", H("b"), "same", False, False),
        ("a", "b", H("a"), "differs", True, True),
        ("a", "b", H("b"), "differs", False, True),
        ("a", "b", None, "differs", False, True),
        ("a", "b", UNKNOWN, "differs", False, True),
        ("a", None, H("a"), "missing", True, True),
        ("a", None, None, "missing", False, True),
        (None, "b", H("b"), "unexpected", False, True),
        (None, "b", None, "unexpected", False, False),
        (None, None, None, "same", False, False),
        (None, None, H("b"), "same", False, False),
        ("a", "b", -H("a"), "refused", False, False),
        ("a", "b", -H("c"), "differs", False, True),
        (REFUSAL, "b", None, "refused", False, False),
    ],
)
def test_a_field_stands_so(  # noqa: PLR0917 - a row of the table
    ours: Any, theirs: Any, held: int | None, state: str, drifted: bool, due: bool
) -> None:
    found = look(ours, theirs, held)
    assert (str(found.state), found.is_drifted, found.is_due) == (state, drifted, due)


def test_a_field_that_is_not_told_is_not_compared() -> None:
    assert look_at([Wanted("secret", ValueType.AUTO, "a")], {}, {}, Reader(), {}) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("looks", "held", "changes"),
    [
        ([look("a", "a", H("a"))], {"plan": H("a"), ADDRESS: HERE, CONTENT: 7}, {}),
        (
            [look("a", "b", H("a"))],
            {"plan": H("a"), ADDRESS: HERE, CONTENT: 7},
            {"plan": H("b"), CONTENT: None},
        ),
        ([look("a", None, H("a"))], {"plan": H("a"), ADDRESS: HERE}, {"plan": None}),
        ([look("a", "a")], {}, {"plan": H("a"), ADDRESS: HERE}),
        ([look(None, "b")], {ADDRESS: HERE}, {}),
        ([look(None, "b", H("c"))], {"plan": H("c"), ADDRESS: HERE}, {"plan": H("b")}),
        ([look("a", "b", -H("a"))], {"plan": -H("a"), ADDRESS: HERE}, {}),
        (
            [look("a", "a", H("a"))],
            {"plan": H("a"), "secret": 5, ADDRESS: H("a:old")},
            {"secret": UNKNOWN, ADDRESS: HERE},
        ),
    ],
)
def test_marks_come_to_tell_the_truth(
    looks: list[FieldLook], held: dict[str, int], changes: dict[str, int | None]
) -> None:
    assert true_marks(looks, held, HERE) == changes


def test_marks_that_goals_share_hold_the_address() -> None:
    found = look("a", "b", H(["a", "e:u1"]), shared="e:u1")
    assert true_marks([found], {"plan": H(["a", "e:u1"])}, None) == {"plan": H(["b", "e:u1"])}


def test_of_someone_who_is_not_there_only_refused_values_stay() -> None:
    held = {"plan": 3, "old": UNKNOWN, "bad": -4, ADDRESS: HERE, CONTENT: 9}
    assert marks_of_nobody(held) == {"plan": None, "old": None, ADDRESS: None, CONTENT: None}
    assert marks_of_nobody(held, ["plan"]) == {"plan": None}


def test_what_is_shown_leaves_out_what_is_as_it_should_be_and_is_cut() -> None:
    looks = [look("a", "a"), look("a", "x" * 5000)]
    (shown,) = msgspec.json.decode(show(looks))
    assert (shown["field"], shown["state"], shown["ours"]) == ("plan", str(FieldState.DIFFERS), "a")
    assert len(shown["theirs"]) == 2001
