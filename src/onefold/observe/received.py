"""What was received lately, newest first: events of the log, and what capture refused.

In: what is sought, and between which places. Out: a page of `ReceivedEvent`, with how much was looked at.
Nothing is kept for this: the log is read backwards, and the batch rows say what became of each event. A page
looks at a bounded piece of the log, so a rare filter gives a short page and the place to go on from.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from onefold.clock import to_iso
from onefold.model.access import Personal
from onefold.model.erasure import PLACEHOLDER
from onefold.model.event import (
    Event,
    decode_event,
    decode_events,
    decode_meta,
    derive_message_id,
    occurred_at,
    raw_events,
)
from onefold.model.letter import Letter
from onefold.model.outcome import Kind
from onefold.model.record import Record
from onefold.observe.goal_trace import ENDINGS, Ending
from onefold.observe.received_store import Fate, Place, ReceivedStore, Spot

EVENTS_MAX = 20_000
"""Events that one page looks at: about a tenth of a second."""
BYTES_MAX = 16 * 1024**2
RECORDS_MAX = 20_000
LETTERS_MAX = 2_000
DUPLICATE = "unify.duplicate"
UNREADABLE = Event()
NOWHERE = Spot(0, 0)
"""What capture refused is not in the log."""

Identify = Callable[[Event], Sequence[str]]
"""The identifiers of an event as `kind:value`, strongest first."""


class Sought(NamedTuple):
    """Which of them; empty values take all."""

    source_id: int | None = None
    type: str = ""
    name: str = ""
    """A part of the name, in any case."""
    message_id: str = ""
    identifier: str = ""
    """The value of any identifier that the event carries."""
    profile_id: int = 0
    outcome: Ending | None = None
    with_payload: bool = False


class ReceivedEvent(msgspec.Struct, frozen=True):
    """One event as it was received; `offset` is null and `letter_id` set for what capture refused."""

    message_id: str
    received_at: str
    occurred_at: str
    source_id: int
    source: str
    type: str
    name: str
    """Of a track its event; of a page or screen its name."""
    outcome: Ending | None
    """What capture and unify made of it: deferred while the worker has not come to it, null when it is too
    long ago to tell. What each goal made of it is in its trace."""
    code: str
    profile_id: int | None
    person: Personal[str]
    """Its strongest identifier, as kind:value."""
    offset: int | None
    position: int | None
    letter_id: str | None
    payload: Personal[Any] = None
    """As it stands in the log; only if asked for."""


class ReceivedPage(msgspec.Struct, frozen=True):
    """Newest first. With a `next_cursor` there is more: the page is full, or enough was looked at."""

    items: list[ReceivedEvent]
    next_cursor: str | None
    newest: str
    """Give it as `after` to get what comes from now on."""
    looked_at: int
    """Events and letters that were looked at for this page."""
    back_to: str | None
    """When the oldest of them was received."""
    arrived: int | None
    """With `after`: how many came since, of that source, whether they are shown or not."""


class _Origin(NamedTuple):
    """How an event came."""

    at: int
    source_id: int
    sent_at: int = 0
    subject: str = ""
    """Its message id, where a letter says it."""


class _Found(NamedTuple):
    """One that fits: an event with its spot, or a letter."""

    at: int
    source_id: int
    event: Event
    occurred_at: int
    message_id: str
    person: str
    payload: Any
    spot: Spot = NOWHERE
    number: int = 0
    letter: Letter | None = None


class _Search:
    """One page."""

    def __init__(
        self, store: ReceivedStore, sought: Sought, identify: Identify, before: Place, floor: Place
    ) -> None:
        self._store = store
        self._sought = sought
        self._identify = identify
        self._before = before
        self._floor = floor
        self.place = before
        self.looked_at = 0
        self.oldest_at = 0
        """When the last record that was looked at was received."""
        self._events_spent = False
        self._letters_spent = False
        self._bytes = 0

    def run(self, limit: int) -> tuple[list[_Found], bool]:
        """What fits, newest first, and whether there may be more."""
        events, letters = self._events(), self._letters()
        event, letter = next(events, None), next(letters, None)
        found: list[_Found] = []
        while len(found) < limit and (event or letter):
            if event and (letter is None or event.at > letter.at):
                if letter is None and self._letters_spent:
                    break  # letters that the next page will look at may stand before it
                found.append(event)
                self.place = self.place._replace(offset=event.spot.offset, position=event.spot.position)
                event = next(events, None)
            elif letter:
                if event is None and self._events_spent and letter.at < self.oldest_at:
                    break  # the other way round
                found.append(letter)
                self.place = self.place._replace(letter=letter.number)
                letter = next(letters, None)
        return found, bool(event or letter or self._events_spent or self._letters_spent)

    def _events(self) -> Iterator[_Found]:
        before, floor = self._before, self._floor.offset
        reached = before.offset + (1 if before.position else 0)
        while reached > floor:
            is_far = before.offset - reached >= RECORDS_MAX
            if is_far or self.looked_at >= EVENTS_MAX or self._bytes >= BYTES_MAX:
                self._events_spent = True
                return
            records, piece_reached = self._store.records_back(reached, floor, self._sought.source_id)
            yield from self._with_fate(one for record in records for one in self._read(record))
            reached = piece_reached
            self.place = Place(reached, 0, self.place.letter)

    def _with_fate(self, read: Iterator[_Found]) -> Iterator[_Found]:
        sought = self._sought
        if sought.outcome is None and not sought.profile_id:
            yield from read
            return
        found = list(read)
        fates = self._store.fates([one.spot for one in found])
        for one in found:
            fate = fates.get(one.spot, Fate(Kind.DEFERRED))
            is_profile = not sought.profile_id or fate.profile_id == sought.profile_id
            ending = ENDINGS[fate.kind] if fate.kind is not None else None
            if is_profile and sought.outcome in (None, ending):
                yield one

    def _read(self, record: Record) -> Iterator[_Found]:
        self.looked_at += record.count
        self._bytes += len(record.body)
        self.oldest_at = record.received_at
        events, raws = _decoded(record)
        origin = _Origin(record.received_at, record.source_id, decode_meta(record).sent_at)
        for position in range(len(events) - 1, -1, -1):
            spot = Spot(record.offset, position)
            if spot >= self._before[:2] or bytes(raws[position]) == PLACEHOLDER:
                continue
            event = events[position]
            found = self._fitting(event, raws[position], origin)
            if found:
                yield found._replace(spot=spot)

    def _letters(self) -> Iterator[_Found]:
        sought = self._sought
        if sought.outcome not in (None, "rejected") or sought.profile_id:
            return
        before, floor, looked = self._before.letter, self._floor.letter, 0
        while letters := self._store.letters_back(before, floor, sought.source_id):
            for number, letter in letters:
                looked += 1
                self.looked_at += 1
                found = self._fitting_letter(number, letter)
                if found:
                    yield found
                self.place = self.place._replace(letter=number)
            before = letters[-1][0]
            if looked >= LETTERS_MAX:
                self._letters_spent = True
                return

    def _fitting_letter(self, number: int, letter: Letter) -> _Found | None:
        text = letter.payload.encode()
        try:
            event = decode_event(text)
            raw: msgspec.Raw | None = msgspec.Raw(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            event, raw = UNREADABLE, None
        found = self._fitting(event, raw, _Origin(letter.at, letter.source_id, subject=letter.subject))
        if found is None:
            return None
        return found._replace(
            number=number, letter=letter, payload=raw if raw is not None else letter.payload
        )

    def _fitting(self, event: Event, raw: msgspec.Raw | None, origin: _Origin) -> _Found | None:
        """The event if it fits; cheap tests first."""
        sought = self._sought
        if sought.type and event.type != sought.type:
            return None
        if sought.name and sought.name.casefold() not in name_of(event).casefold():
            return None
        message_id = origin.subject or _message_id(event, raw)
        if sought.message_id and message_id != sought.message_id:
            return None
        keys = _keys(self._identify, event)
        if sought.identifier and not any(_is_value(key, sought.identifier) for key in keys):
            return None
        person = keys[0] if keys else ""
        return _Found(origin.at, origin.source_id, event, _happened(event, origin), message_id, person, raw)


def find_received(
    store: ReceivedStore,
    sought: Sought,
    identify: Identify,
    names: dict[int, str],
    *,
    limit: int,
    before: Place | None = None,
    after: Place | None = None,
) -> ReceivedPage:
    """A page of what was received, behind `after` and in front of `before`."""
    newest = store.newest()
    floor = after or Place(1, 0, 1)
    search = _Search(store, sought, identify, before or newest, floor)
    found, has_more = search.run(limit)
    fates = store.fates([one.spot for one in found if one.letter is None])
    return ReceivedPage(
        items=[_show(one, fates, names, with_payload=sought.with_payload) for one in found],
        next_cursor=write_place(search.place) if has_more else None,
        newest=write_place(newest),
        looked_at=search.looked_at,
        back_to=to_iso(search.oldest_at) if search.oldest_at else None,
        arrived=store.count_between(after, newest, sought.source_id) if after else None,
    )


def write_place(place: Place) -> str:
    """As a cursor holds it."""
    return ".".join(map(str, place))


def name_of(event: Event) -> str:
    """What an event is called: of a track its event, else its name or category."""
    return event.event if event.type == "track" else event.name or event.category or ""


def _show(
    one: _Found, fates: dict[Spot, Fate], names: dict[int, str], *, with_payload: bool
) -> ReceivedEvent:
    letter = one.letter
    fate = Fate(Kind.REJECTED) if letter else fates.get(one.spot, Fate(Kind.DEFERRED))
    code = letter.code if letter else DUPLICATE if fate.kind is Kind.FILTERED else ""
    return ReceivedEvent(
        message_id=one.message_id,
        received_at=to_iso(one.at),
        occurred_at=to_iso(one.occurred_at),
        source_id=one.source_id,
        source=names.get(one.source_id, ""),
        type=one.event.type,
        name=name_of(one.event),
        outcome=None if fate.kind is None else ENDINGS[fate.kind],
        code=code,
        profile_id=fate.profile_id or None,
        person=one.person,
        offset=None if letter else one.spot.offset,
        position=None if letter else one.spot.position,
        letter_id=letter.id if letter else None,
        payload=one.payload if with_payload else None,
    )


def _decoded(record: Record) -> tuple[list[Event], list[msgspec.Raw]]:
    """Events and their texts; of a record that cannot be read, so many that say nothing."""
    try:
        events, raws = decode_events(record), raw_events(record)
        if len(events) == len(raws):
            return events, raws
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    return [UNREADABLE] * record.count, [msgspec.Raw(b"null")] * record.count


def _message_id(event: Event, raw: msgspec.Raw | None) -> str:
    if event.message_id:
        return str(event.message_id)
    try:
        return derive_message_id(raw) if raw is not None and event is not UNREADABLE else ""
    except (msgspec.MsgspecError, UnicodeError, RecursionError, AttributeError):
        return ""


def _keys(identify: Identify, event: Event) -> Sequence[str]:
    try:
        return identify(event)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ()


def _is_value(key: str, value: str) -> bool:
    kind, _, own = key.partition(":")
    return value.casefold() in (own.casefold(), key.casefold()) and bool(kind)


def _happened(event: Event, origin: _Origin) -> int:
    try:
        return occurred_at(event, received_at=origin.at, sent_at=origin.sent_at)
    except (ValueError, OverflowError):
        return origin.at
