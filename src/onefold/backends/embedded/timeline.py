"""What the files of the roles hold of one person, newest first, for the timeline.

In: the ids of a profile and of those merged into it, a place to read on from. Out: a `Stretch`. Nothing is
kept for this alone, and nothing is indexed by profile but the evidence: the worker's batch rows name the
profile of each event, the membership log and the tries name theirs, and so much of each is looked through a
page. The log itself is never searched, only read at the places that were found.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from onefold.backends.embedded.alias import find_merged
from onefold.backends.embedded.database import json_list
from onefold.backends.embedded.file import File
from onefold.backends.embedded.log import GET, read_record
from onefold.backends.embedded.people import LinkRow
from onefold.model.event import (
    FUTURE_MAX,
    decode_event,
    decode_meta,
    derive_message_id,
    occurred_at,
    raw_events,
)
from onefold.model.outcome import Kind
from onefold.model.record import Record
from onefold.observe.timeline import (
    ALL,
    FAR,
    DeliveryEntry,
    Entry,
    EventEntry,
    MembershipEntry,
    Place,
    Stretch,
)

EVENTS_LOOKED_AT = 1_000_000
"""A page: 20 MB of batch rows, tens of milliseconds."""
BATCHES_LOOKED_AT = 20_000
"""A page, where batches are small: as long."""
MOVES_LOOKED_AT = 1_000_000
"""Rows of the membership log a page: small ones, tenths of a second."""
TRIES_LOOKED_AT = 20_000
"""Tries a page: 40 MB, as much."""

BATCHES = """select offset, first_offset, clock, places, outcomes, profiles from batch
    where offset <= ifnull((select min(offset) from batch where offset >= ?1), ?1) order by offset desc"""
FIRST_RECORD = "select min(offset) from record"
LINKS = """select id, at, first, second, rule, decision, reason, profile_id, other_profile_id, offset,
    position
    from link where id < ?1 and id in (
        select id from link where profile_id in (select value from json_each(?2))
        union select id from link
            where other_profile_id > 0 and other_profile_id in (select value from json_each(?2)))
    order by id desc limit ?3"""
MOVES = """select id, at, segment_id, entered from membership_log
    where id < ?1 and id >= ?2 and profile_id in (select value from json_each(?3))
    order by id desc limit ?4"""
TRIES = """select id, request_id, number, connection_id, channel, sent_at, answered_at, state, code,
    maybe_doubled, items from attempt where id < ? and id >= ? order by id desc"""
TRIED_BELOW = "select answered_at from attempt where id < ? order by id desc limit 1"

Raw = msgspec.Raw
_tried = msgspec.msgpack.Decoder(tuple[Raw, list[int], Raw, Raw, Raw, Raw])
"""Only whose each item was: most tries that are looked at turn out to be of others. To let SQLite
look for ids first is a little faster for one, and many times slower for all of a person who was merged."""
_numbers = msgspec.msgpack.Decoder(list[int])


class EmbeddedTimeline:
    """Reads of three files; safe to share between threads."""

    def __init__(self, data_dir: Path) -> None:
        self._log = File(data_dir, "log")
        self._state = File(data_dir, "state")
        self._delivery = File(data_dir, "delivery")

    def ids_of(self, profile_id: int) -> list[int]:
        """A profile and everyone who was merged into it, as far as that is looked at."""
        with self._state.read() as connection:
            return [profile_id, *(find_merged(connection, profile_id) if connection else [])]

    def events(self, ids: Sequence[int], before: Place, since: int, limit: int) -> Stretch:
        """Events that counted for these. `since`: nothing was known of them before."""
        oldest = self._log.rows(FIRST_RECORD)
        first_kept = (oldest[0][0] or FAR) if oldest else FAR
        found: list[tuple[int, int]] = []
        looked = batches = 0
        place, reached_at = before, ALL
        with self._state.read() as connection:
            for offset, first, clock, places, outcomes, profiles in (
                connection.execute(BATCHES, (before[0],)) if connection else ()
            ):
                if offset < first_kept or clock < since - FUTURE_MAX:
                    reached_at = ALL
                    break
                found += (
                    one for one in _places_in(first, places, outcomes, profiles, ids) if one < before[:2]
                )
                looked, batches = looked + len(outcomes), batches + 1
                place, reached_at = (first, 0, ""), clock
                if len(found) > limit or looked >= EVENTS_LOOKED_AT or batches >= BATCHES_LOOKED_AT:
                    break
            else:
                reached_at = ALL
        shown = found[:limit]
        entries = self._events_at([one for one in shown if one[0] >= first_kept])
        if len(found) > limit:
            place = (*shown[-1], "")
            reached_at = entries[-1].at if entries else reached_at
        return Stretch(entries, place, reached_at)

    def links(self, ids: Sequence[int], before: Place, limit: int) -> Stretch:
        """Evidence about these; found by an index, to the end."""
        rows = [LinkRow(*row) for row in self._state.rows(LINKS, before[0], json_list(ids), limit)]
        entries = [Entry(row.at, (row.id, 0, ""), "link", row) for row in rows]
        return _stretch(entries, before, limit)

    def memberships(self, ids: Sequence[int], before: Place, since: int, limit: int) -> Stretch:
        """Which segments these entered and left."""
        last = self._last(self._state, "membership_log", before)
        low = last - MOVES_LOOKED_AT
        rows = self._state.rows(MOVES, last, low, json_list(ids), limit)
        entries = [
            Entry(at, (number, 0, ""), "membership", MembershipEntry(segment_id, bool(entered)))
            for number, at, segment_id, entered in rows
        ]
        if len(entries) == limit:
            return _stretch(entries, before, limit)
        below = self._state.rows("select at from membership_log where id < ? order by id desc limit 1", low)
        reached_at = below[0][0] if below and below[0][0] >= since - FUTURE_MAX else ALL
        return Stretch(entries, (max(low, 0), 0, ""), reached_at)

    def deliveries(self, ids: Sequence[int], before: Place, since: int, limit: int) -> Stretch:
        """Tries of requests that carried something of these."""
        last = self._last(self._delivery, "attempt", before)
        low = last - TRIES_LOOKED_AT
        mine = set(ids)
        entries: list[Entry] = []
        with self._delivery.read() as connection:
            for number, *row, items in connection.execute(TRIES, (last, low)) if connection else ():
                goals, profiles, *_, kinds = _tried.decode(items)
                if not mine.isdisjoint(profiles):
                    of_all = zip(_numbers.decode(goals), profiles, _numbers.decode(kinds), strict=True)
                    ends = [(goal, Kind(kind)) for goal, profile, kind in of_all if profile in mine]
                    entry = DeliveryEntry._make([*row, ends])
                    entries.append(Entry(entry.answered_at, (number, 0, ""), "delivery", entry))
                if len(entries) == limit:
                    return _stretch(entries, before, limit)
        below = self._delivery.rows(TRIED_BELOW, low)
        reached_at = below[0][0] if below and below[0][0] >= since - FUTURE_MAX else ALL
        return Stretch(entries, (max(low, 0), 0, ""), reached_at)

    def source_ids(self, offsets: Iterable[int]) -> dict[int, int]:
        """The source of each of these records that the log still holds."""
        query = "select offset, source_id from record where offset in (select value from json_each(?))"
        return dict(self._log.rows(query, json_list(offsets)))

    def kept_since(self) -> dict[str, int]:
        """Kind -> the time of the oldest thing that is kept of anyone; absent where there is nothing."""
        oldest = {
            "event": self._log.rows("select received_at from record order by offset limit 1"),
            "membership": self._state.rows("select at from membership_log order by id limit 1"),
            "delivery": self._delivery.rows("select answered_at from attempt order by id limit 1"),
        }
        return {kind: int(rows[0][0]) for kind, rows in oldest.items() if rows}

    def close(self) -> None:
        """Give the files back."""
        for file in (self._log, self._state, self._delivery):
            file.close()

    def _last(self, file: File, table: str, before: Place) -> int:
        """A number that all rows to look at are below."""
        rows = file.rows(f"select ifnull(max(id), 0) + 1 from {table}")
        return min(before[0], int(rows[0][0])) if rows else 0

    def _events_at(self, places: Sequence[tuple[int, int]]) -> list[Entry]:
        """What stands at these places of the log; each record is read and decoded once."""
        offsets = sorted({offset for offset, _ in places})
        found: dict[tuple[int, int], EventEntry] = {}
        for row in self._log.rows(GET, json_list(offsets)):
            record = read_record(row)
            wanted = [position for offset, position in places if offset == record.offset]
            found.update({(record.offset, one.position): one for one in _events_of(record, wanted)})
        return [
            Entry(found[place].received_at, (*place, ""), "event", found[place])
            for place in places
            if place in found
        ]


def _stretch(entries: list[Entry], before: Place, limit: int) -> Stretch:
    """Of a place that was read to its end, or until there were enough."""
    place = entries[-1].place if entries else before
    return Stretch(entries, place, entries[-1].at if len(entries) == limit else ALL)


def _places_in(
    first: int, places: bytes, outcomes: bytes, profiles: bytes, ids: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """(offset, position) of the events of these profiles that counted, newest first."""
    who = np.frombuffer(profiles, np.int64)
    mine = who == ids[0] if len(ids) == 1 else np.isin(who, ids)
    hits = np.flatnonzero(mine)
    if not len(hits):
        return
    in_record = np.frombuffer(places, np.int32)
    for index in hits[::-1].tolist():
        if outcomes[index] == Kind.PASSED:
            place = int(in_record[index])
            yield first + place, index - int(np.searchsorted(in_record, place))


def _events_of(record: Record, positions: Sequence[int]) -> Iterator[EventEntry]:
    raws, meta = raw_events(record), decode_meta(record)
    for position in positions:
        raw = raws[position]
        event = decode_event(raw)
        kind = event.type or meta.type
        yield EventEntry(
            source_id=record.source_id,
            offset=record.offset,
            position=position,
            received_at=record.received_at,
            occurred_at=occurred_at(event, received_at=record.received_at, sent_at=meta.sent_at),
            type=kind,
            name=event.event if kind == "track" else event.name or "",
            message_id=str(event.message_id or derive_message_id(raw)),
            run_id=meta.run_id,
            payload=raw,
        )
