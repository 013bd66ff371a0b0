"""How writes of a trait become its value, by the strategy of each; every piece commutes.

In: what a profile holds of a trait and one more write of it, or what two profiles hold. Out: them joined.

    set           the value replaces what was there before it
    set_if_empty  the same with a lower rank: any plain write wins, a removal too; of several the first
    add           an element of a list beside those that are there; the same element once
    sum           an amount on top of the number that is there; each event's once

A plain write is a last-writer-wins register; elements and amounts are sets by what they are, the later of
two equal ones wins, and a plain write takes out those that happened before it. So no order matters.
"""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

import msgspec

from onefold.model.json import JsonValue
from onefold.model.profile import Part, Profile, Trait
from onefold.unify.amounts import parse_amount

PROFILE_TRAITS_MAX = 2000
"""Traits kept a profile, tombstones included."""
PARTS_MAX = 1000
"""Elements or amounts kept a trait."""
SMALL_TRAIT_BYTES = 1000
"""Values up to this size are limited by their number alone."""
LARGE_TRAITS_BYTES_MAX = 262_144
"""All larger values of a profile together. Destinations take less (Braze: 75 KB an object), and whoever
sends more would make each of the person's events cost megabytes."""
EMPTY_RANK, PLAIN_RANK, NO_RANK = 0, 1, -1

_json = msgspec.json.Encoder(order="sorted")
_msgpack = msgspec.msgpack.Encoder()


class Strategy(StrEnum):
    """What a write does with what is there."""

    SET = "set"
    SET_IF_EMPTY = "set_if_empty"
    ADD = "add"
    SUM = "sum"


class Write(msgspec.Struct, frozen=True, gc=False):
    """One value for one trait, as an event brings it."""

    name: str
    strategy: Strategy
    value: JsonValue


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Which event writes."""

    occurred_at: int
    event_hash: int
    source_id: int = 0
    run_id: str = ""


def make_trait(write: Write, origin: Origin) -> Trait | None:
    """The trait that holds this write and nothing else; None where there is nothing to add."""
    value = write.value
    if write.strategy is Strategy.ADD:
        elements = value if isinstance(value, list) else [value]
        parts = {
            _json.encode(one).decode(): _part(one, origin, is_amount=False)
            for one in elements
            if one is not None
        }
        return _composed(Trait(None, 0, 0, NO_RANK), parts) if parts else None
    if write.strategy is Strategy.SUM:
        amount = parse_amount(_json.encode(value))
        if not amount:
            return None
        return _composed(
            Trait(None, 0, 0, NO_RANK),
            {f"#{origin.event_hash}": _part(str(amount), origin, is_amount=True)},
        )
    rank = PLAIN_RANK if write.strategy is Strategy.SET else EMPTY_RANK
    if rank == EMPTY_RANK and value is None:
        return None
    return Trait(value, origin.occurred_at, origin.event_hash, rank, origin.source_id, origin.run_id)


def write_trait(profile: Profile, name: str, trait: Trait) -> bool:
    """Join a trait into what the profile holds; False if there is no room for it.

    Where a profile is full, what it has stays, so here the order of the log decides.
    """
    found = profile.traits.get(name)
    if found is None:
        if len(profile.traits) >= PROFILE_TRAITS_MAX:
            return False
        joined = trait
    elif not found.parts and not trait.parts:
        if _decides(trait) < _decides(found):
            return True
        joined = trait
    else:
        joined = join_traits(found, trait)
        if joined.parts and len(joined.parts) > PARTS_MAX:
            return False
    if not _has_room(profile, name, joined.value):
        return False
    profile.traits[name] = joined
    return True


def join_traits(one: Trait, other: Trait) -> Trait:
    """What both hold together."""
    last = max(one, other, key=_decides)
    parts: dict[str, Part] = dict(one.parts or {})
    for key, part in (other.parts or {}).items():
        before = parts.get(key)
        if before is None or _time(part) > _time(before):
            parts[key] = part
    if last.rank == PLAIN_RANK:
        at = _time(last)
        parts = {key: part for key, part in parts.items() if _time(part) > at}
    return _composed(last, parts)


def _composed(last: Trait, parts: dict[str, Part]) -> Trait:
    base = last.base if last.parts else last.value
    value = base
    if parts:
        # What fills only the empty counts where it came before the first part.
        is_there = last.rank == PLAIN_RANK or _time(last) < min(map(_time, parts.values()))
        value = _compose(base if is_there else None, list(parts.values()))
    return Trait(
        value,
        last.occurred_at,
        last.event_hash,
        last.rank,
        last.source_id,
        last.run_id,
        base if parts else None,
        parts or None,
    )


def _compose(base: JsonValue, parts: Sequence[Part]) -> JsonValue:
    """A list as soon as there is an element; else the number with its amounts."""
    ordered = sorted(parts, key=lambda part: (*_time(part), _json.encode(part.value)))
    elements = [part.value for part in ordered if not part.is_amount]
    if elements:
        there: list[JsonValue] = [] if base is None else list(base) if isinstance(base, list) else [base]
        known = {_json.encode(one) for one in there}
        return there + [one for one in elements if _json.encode(one) not in known]
    number = None if base is None or isinstance(base, bool) else parse_amount(_json.encode(base))
    if base is not None and number is None:
        return base  # nothing can be added to a text: it stays until a plain write makes it a number
    total = sum((Decimal(part.value) for part in ordered), Decimal(number or 0))
    return int(total) if total == total.to_integral_value() else float(total)


def _part(value: JsonValue, origin: Origin, *, is_amount: bool) -> Part:
    return Part(value, origin.occurred_at, origin.event_hash, origin.source_id, origin.run_id, is_amount)


def _decides(trait: Trait) -> tuple[int, int, int]:
    if trait.rank == EMPTY_RANK:
        # Of two that fill what is empty, the first did.
        return EMPTY_RANK, -trait.occurred_at, -trait.event_hash
    return trait.rank, trait.occurred_at, trait.event_hash


def _time(written: Trait | Part) -> tuple[int, int]:
    return written.occurred_at, written.event_hash


def _has_room(profile: Profile, name: str, value: JsonValue) -> bool:
    size = _large_bytes(value)
    if not size:
        return True
    others = sum(_large_bytes(trait.value) for other, trait in profile.traits.items() if other != name)
    return others + size <= LARGE_TRAITS_BYTES_MAX


def _large_bytes(value: JsonValue) -> int:
    """The stored size of a text, list or object beyond `SMALL_TRAIT_BYTES`; 0 for anything smaller."""
    kind = type(value)
    if kind is str:
        # A character is four bytes at most: most texts need no closer look.
        size = len(value) if len(value) * 4 <= SMALL_TRAIT_BYTES else len(value.encode())
    elif kind is list or kind is dict:
        size = len(_msgpack.encode(value))
    else:
        return 0
    return size if size > SMALL_TRAIT_BYTES else 0
