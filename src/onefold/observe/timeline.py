"""The timeline of a person: what several places know of them, as one stream, newest first.

In: a stretch of each place, read as far as a page may cost. Out: the entries of a page, and where each place
is to be read on. No entry is shown before something newer could still be found in another place: a page may
therefore hold few entries, or none, and still have a next one.
"""

import heapq
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from onefold.model.outcome import Kind

EntryKind = Literal["event", "link", "membership", "delivery", "consent", "interaction"]
Place = tuple[int, int, str]
"""Behind which entry a place goes on: a number, and what tells apart those of one number."""
FAR = 1 << 62
NEWEST: Place = (FAR, FAR, "\U0010ffff")
"""In front of everything."""
ALL = 0
"""`reached_at` of a place that was read to its end."""


class Entry(NamedTuple):
    """Something that became known of the person at a time (microseconds UTC)."""

    at: int
    place: Place
    kind: EntryKind
    content: Any


class Stretch(NamedTuple):
    """What a place holds, newest first, as far as it was read."""

    entries: Sequence[Entry]
    place: Place
    """Where to read on once all entries were shown."""
    reached_at: int
    """Everything after it is known; ALL: there is no more."""


class Stream(NamedTuple):
    """A page of the timeline."""

    entries: list[Entry]
    places: dict[EntryKind, Place]
    """Kind -> where to read on."""
    reached_at: int
    """How far back everything was shown; ALL: there is no more."""


class EventEntry(msgspec.Struct, frozen=True):
    """An event of the person, as it stands in the log."""

    source_id: int
    offset: int
    position: int
    received_at: int
    occurred_at: int
    type: str
    name: str
    message_id: str
    run_id: str
    payload: msgspec.Raw


class MembershipEntry(NamedTuple):
    """The person entered a segment, or left it."""

    segment_id: int
    entered: bool


class DeliveryEntry(NamedTuple):
    """One try of a request that carried something of the person."""

    request_id: int
    number: int
    connection_id: int
    channel: str
    sent_at: int
    answered_at: int
    state: int
    code: str
    maybe_doubled: bool
    items: list[tuple[int, Kind]]
    """Goal and outcome of each of the person's items in it."""


def join_stretches(
    stretches: Mapping[EntryKind, Stretch], places: Mapping[EntryKind, Place], limit: int
) -> Stream:
    """At most `limit` entries of all places together."""
    ordered = {kind: _in_order(stretch) for kind, stretch in stretches.items()}
    reached_at = max((stretch.reached_at for stretch in ordered.values()), default=ALL)
    merged = heapq.merge(*(one.entries for one in ordered.values()), key=lambda entry: -entry.at)
    found = [entry for _, entry in zip(range(limit + 1), merged, strict=False) if entry.at >= reached_at]
    shown = found[:limit]
    left = dict(places)
    counts = {kind: sum(entry.kind == kind for entry in shown) for kind in ordered}
    for kind, stretch in ordered.items():
        if counts[kind] == len(stretch.entries):
            left[kind] = stretch.place
        elif counts[kind]:
            left[kind] = stretch.entries[counts[kind] - 1].place
    if len(found) > limit:
        return Stream(shown, left, max(shown[-1].at, 1))
    return Stream(shown, left, reached_at)


def _in_order(stretch: Stretch) -> Stretch:
    """Times of a place may be a little out of its order: an entry counts as no newer than the one before."""
    entries: list[Entry] = []
    for entry in stretch.entries:
        at = min(entry.at, entries[-1].at) if entries else entry.at
        entries.append(entry._replace(at=at))
    reached_at = min(stretch.reached_at, entries[-1].at) if entries else stretch.reached_at
    return stretch._replace(entries=entries, reached_at=reached_at)
