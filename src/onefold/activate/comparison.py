"""What a destination really holds of one person, beside the ledger and what the goal would send.

In: the goal's values for the person, what was read back, the marks. Out: how each field stands, and the marks
that tell the truth. Pure; `comparer.py` reads, counts and keeps.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from onefold.activate.ledger import ADDRESS, CONTENT, NOT_FIELDS, hash_value
from onefold.activate.person import Person
from onefold.activate.profile_plan import ProfilePlan
from onefold.activate.store import Marks
from onefold.model.comparison import FieldState
from onefold.model.delta import UNKNOWN
from onefold.model.json import JsonValue
from onefold.model.mapping import ValueType
from onefold.plugin.contract import Address, Refusal
from onefold.plugin.read_back import ProfileReader

VALUE_BYTES_MAX = 2000
"""Of a value that is shown: longer ones are told by their beginning."""

Changes = dict[str, int | None]
_encode = msgspec.json.Encoder(decimal_format="number").encode


class FieldLook(NamedTuple):
    """One field of one person; `held` is the ledger's mark, `mark` the one that tells what is there."""

    field: str
    state: FieldState
    ours: JsonValue
    theirs: JsonValue
    held: int | None
    mark: int | None

    @property
    def is_drifted(self) -> bool:
        """Whether the ledger says that something else is there; what it does not know, it does not say.

        Where the goal wants just what is there, it does not matter who has put it there.
        """
        is_known = self.held is not None and self.held > UNKNOWN
        return self.state is not FieldState.SAME and is_known and self.held != self.mark

    @property
    def is_due(self) -> bool:
        """Whether the goal has something to say once the ledger tells the truth.

        What others have put where the goal has no value, and never had one, is theirs.
        """
        if self.state is FieldState.UNEXPECTED:
            return self.held is not None
        return self.state in (FieldState.DIFFERS, FieldState.MISSING)


class Wanted(NamedTuple):
    """A field about which the goal has the say, and what it would send; None removes it."""

    field: str
    type: ValueType
    value: JsonValue | Refusal


def wanted_of(plan: ProfilePlan, person: Person, address: Address, raw: Sequence[JsonValue]) -> list[Wanted]:
    """What the goal would have of this person, whatever the ledger says."""
    found = []
    for (field, as_type), value in zip(plan.rows.targets, raw, strict=True):
        fitted = plan.fit(field, value, as_type)
        is_elsewhere = field in address.taken and fitted != address.taken[field]
        if plan.rows.is_mine(field, person) and not is_elsewhere:
            found.append(Wanted(field, as_type, fitted))
    return found


def look_at(
    wanted: Sequence[Wanted],
    theirs: Mapping[str, JsonValue] | None,
    held: Marks,
    reader: ProfileReader,
    shared: Mapping[str, str],
) -> list[FieldLook]:
    """How each readable field stands; `theirs` is None where the destination does not know the person.

    `shared` are the fields of the ledger that goals share, with the address that its marks hold.
    """
    looks = []
    for field, as_type, ours in wanted:
        if not reader.can_read(field):
            continue
        mark = held.get(field)
        there = (theirs or {}).get(field)
        if isinstance(ours, Refusal):
            looks.append(FieldLook(field, FieldState.REFUSED, None, there, mark, mark))
            continue
        there = reader.fit(field, there, ours, as_type)
        now = _hash(there, shared.get(field))
        state = _state(ours, there)
        if (
            state is not FieldState.SAME
            and mark is not None
            and mark == -(_hash(ours, shared.get(field)) or 0)
        ):
            # Sent again it would be refused again, and reported again.
            state, now = FieldState.REFUSED, mark
        looks.append(FieldLook(field, state, ours, there, mark, now))
    return looks


def true_marks(looks: Sequence[FieldLook], held: Marks, address_mark: int | None) -> Changes:
    """What of a ledger changes so that it tells what is there.

    `address_mark` is that of the address that was asked, None in a shared ledger.
    """
    changes: Changes = {}
    for look in looks:
        # Marked, it would be removed as something of ours.
        is_theirs_alone = look.state is FieldState.UNEXPECTED and look.held is None
        if look.state is not FieldState.REFUSED and not is_theirs_alone and look.mark != look.held:
            changes[look.field] = look.mark
    if address_mark is not None and held.get(ADDRESS) != address_mark:
        if ADDRESS in held:
            known = {look.field for look in looks}
            changes |= {field: UNKNOWN for field in held if field not in known and field not in NOT_FIELDS}
        changes[ADDRESS] = address_mark
    if changes and CONTENT in held:
        changes[CONTENT] = None
    return changes


def marks_of_nobody(held: Marks, fields: Sequence[str] | None = None) -> Changes:
    """The same where the destination does not know the person: only refused values stay.

    Of a shared ledger only what concerns these `fields`.
    """
    return {
        field: None for field, mark in held.items() if mark >= UNKNOWN and (fields is None or field in fields)
    }


def show(looks: Sequence[FieldLook]) -> bytes:
    """What is kept of a person to look at: fields that are as they should be are left out."""
    return _encode(
        [
            {
                "field": look.field,
                "state": str(look.state),
                "ours": _cut(look.ours),
                "theirs": _cut(look.theirs),
            }
            for look in looks
            if look.state is not FieldState.SAME
        ]
    )


def _state(ours: JsonValue, theirs: JsonValue) -> FieldState:
    if ours is None:
        return FieldState.SAME if theirs is None else FieldState.UNEXPECTED
    if theirs is None:
        return FieldState.MISSING
    return FieldState.SAME if hash_value(ours) == hash_value(theirs) else FieldState.DIFFERS


def _hash(value: JsonValue, address_key: str | None) -> int | None:
    if value is None:
        return None
    return hash_value(value if address_key is None else [value, address_key])


def _cut(value: JsonValue) -> JsonValue:
    text = _encode(value)
    return value if len(text) <= VALUE_BYTES_MAX else text[:VALUE_BYTES_MAX].decode("utf-8", "replace") + "…"
