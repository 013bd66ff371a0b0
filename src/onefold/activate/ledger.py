"""What a destination holds for each profile, as far as it has told us: a mark a field.

A mark is the hash of the accepted value; negative, of a value that was refused (it is not sent again until it
changes); 0 for a value that we do not know. `@` and `#` mark the address and the content of the last object.

The book keeps two views while objects are under way: `accepted` is what was answered, `expected` what will
hold once all that is under way is accepted. Deltas are planned against `expected`; only `accepted` is stored.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Protocol

import msgspec

from onefold.activate.store import Marks, Writes
from onefold.model.delivery import Item
from onefold.model.delta import UNKNOWN, Delta
from onefold.model.json import JsonValue

ADDRESS = "@"
"""Marks the address; no destination has a field of that name."""
CONTENT = "#"
"""Marks all mapped values together, as they were before the connector saw them: if equal, no delta."""
COURTESY_LEDGERS = -(2 << 40)
"""Far from every connection's own, and from those of what stands apart."""
PUT_OFF_LEDGERS = -(3 << 40)
"""Likewise; below them are no others."""
WAITS_IN = "run"
"""Marks there the number of the run in which a person waits."""
NOT_FIELDS = frozenset({ADDRESS, CONTENT})
"""Marks that are of no field."""
_encode = msgspec.json.Encoder(order="deterministic", decimal_format="number").encode


def hash_value(value: JsonValue) -> int:
    """A positive 63-bit hash of a value."""
    return (int.from_bytes(blake2b(_encode(value), digest_size=8).digest(), "big") >> 1) | 1


def known_ledger(connection_id: int) -> int:
    """The ledger of what a connection's drafts asked to remember about people."""
    return -connection_id


def courtesy_ledger(goal_id: int) -> int:
    """The ledger of when a goal of moments wrote to people; negative, so that merges keep the times."""
    return COURTESY_LEDGERS - goal_id


def put_off_ledger(goal_id: int) -> int:
    """The ledger of the people of a goal who wait for room in the budget; a survivor waits for both."""
    return PUT_OFF_LEDGERS - goal_id


class _Entry:
    """The marks of one profile in one ledger while they are in use."""

    __slots__ = ("accepted", "expected", "has_gap", "profile_id", "under_way")

    def __init__(self, profile_id: int, marks: Marks) -> None:
        self.profile_id = profile_id
        self.accepted = marks
        self.expected = dict(marks)
        self.under_way = 0
        self.has_gap = False
        """Something that items behind it counted on was withdrawn: their content is not what will be held."""


class Ledgers(Protocol):
    """What a book reads of a `DeliveryStore`."""

    def ledger(self, ledger_id: int, profile_ids: Sequence[int]) -> dict[int, Marks]:
        """The marks of these profiles; absent for none."""
        ...

    def has_ledger(self, ledger_id: int) -> bool:
        """Whether any profile has marks there."""
        ...

    def ledger_page(self, ledger_id: int, after: int, limit: int) -> list[int]:
        """A page of the profiles that have marks there, by id."""
        ...


class LedgerBook:
    """The marks that one connection is working with; reads many at once, forgets what is settled."""

    def __init__(self, store: Ledgers) -> None:
        self._store = store
        self._entries: dict[tuple[int, int], _Entry] = {}

    def fetch(self, ledger_id: int, profile_ids: Iterable[int]) -> None:
        """Have the marks of these profiles at hand. One query."""
        entries = self._entries
        missing = [one for one in profile_ids if (ledger_id, one) not in entries]
        if not missing:
            return
        stored = self._store.ledger(ledger_id, missing)
        for profile_id in missing:
            entries[ledger_id, profile_id] = _Entry(profile_id, stored.get(profile_id, {}))

    def has(self, ledger_id: int) -> bool:
        """Whether any profile has accepted marks there. A query."""
        return self._store.has_ledger(ledger_id)

    def page(self, ledger_id: int, after: int, limit: int) -> list[int]:
        """Profiles with accepted marks, by id."""
        return self._store.ledger_page(ledger_id, after, limit)

    def expected(self, ledger_id: int, profile_id: int) -> Marks:
        """What will hold once everything under way is accepted. Costs a query unless `fetch` came before."""
        if (ledger_id, profile_id) not in self._entries:
            self.fetch(ledger_id, [profile_id])
        return self._entries[ledger_id, profile_id].expected

    def is_under_way(self, ledger_id: int, profile_id: int) -> bool:
        """Whether something of a profile was packed and is not answered yet."""
        entry = self._entries.get((ledger_id, profile_id))
        return entry is not None and entry.under_way > 0

    def sent(self, item: Item) -> None:
        """An item is under way."""
        if item.marks is None:
            return
        self.fetch(item.ledger_id, [item.profile_id])
        entry = self._entries[item.ledger_id, item.profile_id]
        entry.under_way += 1
        _set(entry.expected, item.marks)

    def settle(self, item: Item, *, passed: bool, writes: Writes) -> None:
        """An item was answered: keep what the destination holds now."""
        if item.marks is None:
            return
        entry = self._entries[item.ledger_id, item.profile_id]
        entry.under_way -= 1
        if passed:
            _set(entry.accepted, item.marks)
            if entry.has_gap:
                entry.accepted.pop(CONTENT, None)
        else:
            refused = {
                field: -abs(mark) for field, mark in item.marks.items() if mark and field not in NOT_FIELDS
            }
            for field, mark in refused.items():
                if entry.expected.get(field) == -mark:
                    entry.expected[field] = mark
            entry.accepted.update(refused)
        writes.ledger[item.ledger_id, entry.profile_id] = entry.accepted

    def cancel(self, item: Item, writes: Writes, *, may_be_held: bool) -> None:
        """An item leaves not after all: what it was about to set is as it was before.

        An earlier try of it may have arrived (`may_be_held`): then the fields count as unknown.
        """
        if may_be_held and item.marks is not None:
            entry = self._entries[item.ledger_id, item.profile_id]
            entry.accepted.update({field: UNKNOWN for field in item.marks if field not in NOT_FIELDS})
            writes.ledger[item.ledger_id, entry.profile_id] = entry.accepted
        self.withdraw(item)

    def takes_back_nothing(self, item: Item) -> bool:
        """Whether an item that takes fields back concerns none that the destination ever took."""
        fields = [field for field in item.marks or {} if field not in NOT_FIELDS]
        if not fields:
            return False
        accepted = self._entries[item.ledger_id, item.profile_id].accepted
        return not any(field in accepted for field in fields)

    def holds_any(self, ledger_id: int, profile_id: int) -> bool:
        """Whether the destination ever took a field of a person. Costs a query unless `fetch` came before."""
        self.fetch(ledger_id, [profile_id])
        return not self._entries[ledger_id, profile_id].accepted.keys() <= NOT_FIELDS

    def withdraw(self, item: Item) -> None:
        """An item will not be answered: as if it had never been sent."""
        if item.marks is None:
            return
        entry = self._entries[item.ledger_id, item.profile_id]
        entry.under_way -= 1
        for field, mark in item.marks.items():
            # Another item behind it may set the field, too: that one's mark stays.
            if entry.expected.get(field) == mark:
                _set(entry.expected, {field: entry.accepted.get(field)})
        entry.expected.pop(CONTENT, None)
        entry.has_gap = entry.under_way > 0

    def note(self, ledger_id: int, profile_id: int, marks: Mapping[str, int | None], writes: Writes) -> None:
        """Keep marks that no answer decides about."""
        self.fetch(ledger_id, [profile_id])
        entry = self._entries[ledger_id, profile_id]
        for held in (entry.accepted, entry.expected):
            _set(held, marks)
        writes.ledger[ledger_id, entry.profile_id] = entry.accepted or None

    def refuse(self, ledger_id: int, profile_id: int, field: str, mark: int, writes: Writes) -> None:
        """A value was refused before it was sent: remember it, so that it is reported once."""
        entry = self._entries[ledger_id, profile_id]
        entry.accepted[field] = entry.expected[field] = -abs(mark)
        writes.ledger[ledger_id, entry.profile_id] = entry.accepted

    def forget(self, ledger_id: int, profile_id: int, fields: Iterable[str], writes: Writes) -> None:
        """Another ledger keeps these fields now: what this one says of them would be believed later."""
        entry = self._entries[ledger_id, profile_id]
        stale = [field for field in fields if field in entry.expected]
        for field in stale:
            entry.accepted.pop(field, None)
            entry.expected.pop(field, None)
        if stale:
            writes.ledger[ledger_id, entry.profile_id] = entry.accepted

    def join(self, ledger_id: int, old: int, new: int, writes: Writes) -> None:
        """Two profiles became one. What the old one's address holds is marked unknown for the new one.

        The destination may join the two by its own rules; so each of those fields is told once more.
        """
        self.fetch(ledger_id, (old, new))
        loser, survivor = self._entries[ledger_id, old], self._entries[ledger_id, new]
        if loser is survivor:
            return
        for marks, gained in (
            (survivor.accepted, loser.accepted),
            (survivor.expected, loser.expected),
        ):
            for field, mark in gained.items():
                if ledger_id < 0:
                    marks.setdefault(field, mark)
                elif field not in NOT_FIELDS:
                    marks.setdefault(field, UNKNOWN)
            marks.pop(CONTENT, None)
        survivor.under_way += loser.under_way
        self._entries[ledger_id, old] = survivor
        if loser.under_way:
            # An earlier merge may have led other ids to the loser: they follow.
            for key, entry in self._entries.items():
                if entry is loser:
                    self._entries[key] = survivor
        if loser.accepted:
            writes.ledger[ledger_id, old] = None
            writes.ledger[ledger_id, new] = survivor.accepted
            # Ids that an earlier merge led here shall not find what has gone on.
            loser.accepted, loser.expected = {}, {}

    def clear_refused(self, ledger_id: int, profile_id: int) -> None:
        """Try refused values again: someone says that they will be taken now."""
        entry = self._entries[ledger_id, profile_id]
        for marks in (entry.accepted, entry.expected):
            for field, mark in marks.items():
                if mark < 0:
                    marks[field] = UNKNOWN
            marks.pop(CONTENT, None)

    def doubt(self, ledger_id: int, profile_id: int, fields: Iterable[str]) -> None:
        """The destination may hold something in these fields that we never set."""
        entry = self._entries[ledger_id, profile_id]
        doubted = dict.fromkeys(fields, UNKNOWN)
        for marks in (entry.accepted, entry.expected):
            marks.update(doubted)
            marks.pop(CONTENT, None)

    def forget_settled(self) -> None:
        """Drop what nothing is under way for. Only after everything written was committed."""
        self._entries = {key: entry for key, entry in self._entries.items() if entry.under_way}


def plan_delta(
    profile_id: int,
    held: Mapping[str, int],
    wanted: Mapping[str, JsonValue],
    address_key: str,
    content: int = 0,
    *,
    is_shared: bool = False,
) -> Delta | None:
    """What to send so that the destination holds `wanted`; None if it does, as far as we know.

    A field is removed (None) only if it was set before. When the address has changed, everything that was
    sent to the old one counts as unknown. `content` is the mark of all values together. In a ledger that
    goals share, each mark holds its address: they may know the person by different ones.
    """
    if is_shared:
        return _plan_shared(profile_id, held, wanted, address_key)
    mark = hash_value(address_key)
    known = held.get(ADDRESS, mark) == mark
    fields: dict[str, JsonValue] = {}
    marks: dict[str, int | None] = {}
    for field, value in wanted.items():
        had = held.get(field)
        if value is None:
            if had is not None:
                fields[field] = marks[field] = None
            continue
        new = hash_value(value)
        if had is None or had not in (new, -new) or not known:
            fields[field] = value
            marks[field] = new
    if not fields:
        return None
    if not known:
        marks |= {field: UNKNOWN for field in held if field not in marks and field not in NOT_FIELDS}
    if held.get(ADDRESS) != mark:
        marks[ADDRESS] = mark
    marks[CONTENT] = content or None
    return Delta(profile_id, fields, marks)


def _plan_shared(
    profile_id: int, held: Mapping[str, int], wanted: Mapping[str, JsonValue], address_key: str
) -> Delta | None:
    marks = {
        field: None if value is None else hash_value([value, address_key]) for field, value in wanted.items()
    }
    changed = {
        field: mark
        for field, mark in marks.items()
        if (field in held if mark is None else held.get(field) not in (mark, -mark))
    }
    if not changed:
        return None
    return Delta(profile_id, {field: wanted[field] for field in changed}, changed)


def _set(marks: Marks, changes: Mapping[str, int | None]) -> None:
    for field, mark in changes.items():
        if mark is None:
            marks.pop(field, None)
        else:
            marks[field] = mark
