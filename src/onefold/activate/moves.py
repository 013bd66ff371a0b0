"""Who entered or left a segment by one change, as people, not as profiles.

In: a change, who is a member now. Out: moves in order. When two profiles become one, the loser leaves all its
segments and the survivor may enter some: as long as the person was in before and is in after, nobody moved.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from onefold.model.change import Change

MoveKind = Literal["entered", "left"]


class Move(NamedTuple):
    """One person's move; `profile_id` is the survivor's where profiles were merged by the change."""

    kind: MoveKind
    segment_id: int
    profile_id: int


def moves_of(
    change: Change, kind: MoveKind, segment_id: int, is_member: Callable[[int], bool]
) -> Iterator[Move]:
    """The moves of a kind, of one segment. `is_member` is asked about survivors of merges only."""
    moved = change.entered if kind == "entered" else change.left
    profiles = [profile_id for segment, profile_id in moved if segment == segment_id]
    if not profiles:
        return
    survivor_of = _survivors(change)
    joined = set(survivor_of.values())
    seen = set[int]()
    for profile_id in profiles:
        person = survivor_of.get(profile_id, profile_id)
        if person not in joined:
            yield Move(kind, segment_id, person)
        elif person not in seen:
            seen.add(person)
            if _moved(change, segment_id, person, survivor_of, is_member) == kind:
                yield Move(kind, segment_id, person)


def _moved(
    change: Change,
    segment_id: int,
    person: int,
    survivor_of: dict[int, int],
    is_member: Callable[[int], bool],
) -> MoveKind | None:
    """What a merge and all else of the change made of one person's membership."""
    balance: Counter[int] = Counter()
    for step, pairs in ((1, change.entered), (-1, change.left)):
        for segment, profile_id in pairs:
            if segment == segment_id and survivor_of.get(profile_id, profile_id) == person:
                balance[profile_id] += step
    own = balance.pop(person, 0)
    is_in = own > 0 if own else is_member(person)
    was_in = (own < 0 if own else is_in) or any(step < 0 for step in balance.values())
    if is_in == was_in:
        return None
    return "entered" if is_in else "left"


def _survivors(change: Change) -> dict[int, int]:
    found: dict[int, int] = {}
    for old, new in change.merged:
        for one, survivor in found.items():
            if survivor == old:
                found[one] = new
        found[old] = new
    return found
