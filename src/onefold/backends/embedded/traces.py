"""The look-ups of a trace in the files of a data directory; nothing is kept for them alone.

In: a message id, or a place in the log. Out: what `observe.trace` puts together. The dedupe runs say where an
event counted within the dedupe window (a binary search a run); resends, and what is older or not yet folded,
are found by scans with limits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from onefold.activate.ledger import put_off_ledger
from onefold.backends.embedded.alias import find_survivors
from onefold.backends.embedded.database import json_list
from onefold.backends.embedded.dedupe import Run, registered_runs
from onefold.backends.embedded.delivery import PROGRESS, read_progress
from onefold.backends.embedded.file import File
from onefold.backends.embedded.goal_runs import OPEN, decode_runs
from onefold.backends.embedded.judge import Connectors, EmbeddedJudge
from onefold.backends.embedded.log import RECORD, read_record
from onefold.backends.embedded.looks import STATES, ConfigFile
from onefold.model.change import decode_change
from onefold.model.delivery import NO_POSITION, Attempt, AttemptState, ConnectionState, GoalProgress, Item
from onefold.model.event import decode_events, event_hash
from onefold.model.goal import Goal
from onefold.model.letter import Letter
from onefold.model.outcome import Kind
from onefold.model.record import Record, RecordKind
from onefold.observe.store import Config, Evidence, Folded, GoalLetter, Receipt, Transition, Verdict, Waiting

RECEIPTS_MAX = 100
"""A sender that repeats one event for ever is shown by its first receipts."""
RESEND_EVENTS_MAX = 1_000_000
"""Resends are looked for in so many events behind the first receipt: 8 MB of hashes."""
OLD_EVENTS_MAX = 20_000_000
"""Events older than the dedupe window are looked for in so many: 160 MB of hashes, tenths of a second."""
PENDING_RECORDS_MAX = 20_000
"""Records behind the worker that are searched byte by byte."""
ROWS_MAX = 1000
ATTEMPTS_MAX = 500
"""Tries behind a commit that may carry what it changed of a profile: deliver sends within seconds."""
REQUESTS_MAX = 500
"""Open requests that are decoded."""

_items = msgspec.msgpack.Decoder(list[Item])
_item = msgspec.msgpack.Decoder(Item)
_places = msgspec.msgpack.Decoder(tuple[list[int], list[int], list[int], list[int], list[str], list[int]])

BATCH = "offset, first_offset, clock, committed_at, hashes, places, outcomes, profiles"
ATTEMPT = """request_id, number, connection_id, channel, sent_at, answered_at, state, code,
    maybe_doubled, items"""
LETTER = "id, code, field, reason, hint, at, source_id, subject, payload"
Row = tuple[Any, ...]


class EmbeddedTraces:
    """The `TraceStore` of one data directory. Safe to share between threads."""

    def __init__(self, data_dir: Path, connectors: Connectors = dict) -> None:
        """`connectors` tell what a goal makes of an event; they are loaded at the first trace."""
        self._runs_dir = data_dir / "dedupe"
        self._log = File(data_dir, "log")
        self._state = File(data_dir, "state")
        self._delivery = File(data_dir, "delivery")
        self._control = File(data_dir, "control")
        self._config = ConfigFile(self._control)
        self._judge = EmbeddedJudge(data_dir, self._delivery, self._control, connectors)

    def config(self) -> Config:
        """What the user defined."""
        return self._config.config()

    def find(self, source_ids: Sequence[int], message_id: str) -> list[Receipt]:
        """Receipts in the log, oldest first."""
        sources = {event_hash(one, message_id): one for one in source_ids}
        wanted = np.sort(np.fromiter(sources, np.int64, len(sources)))
        found = dict.fromkeys(self._find_folded(wanted, sources))
        found.update(dict.fromkeys(self._find_pending(set(source_ids), message_id)))
        return sorted(found, key=lambda one: (one.offset, one.position))[:RECEIPTS_MAX]

    def record(self, offset: int) -> Record | None:
        """A record that the log still holds."""
        rows = self._log.rows(f"select {RECORD} from record where offset = ?", offset)
        return read_record(rows[0]) if rows else None

    def folded(self, receipt: Receipt) -> Folded | None:
        """What the worker made of a receipt."""
        row = self._batch_of(receipt.offset)
        if row is None:
            return None
        batch_offset, first, clock, committed_at, _, places, outcomes, profiles = row
        places = np.frombuffer(places, np.int32)
        index = int(np.searchsorted(places, receipt.offset - first)) + receipt.position
        profile_id = int(np.frombuffer(profiles, np.int64)[index])
        with self._state.read() as connection:
            survivors = find_survivors(connection, [profile_id]) if connection else {}
        survivor_id = survivors.get(profile_id, profile_id)
        return Folded(batch_offset, Kind(outcomes[index]), profile_id, survivor_id, clock, committed_at)

    def evidence(self, offset: int, position: int) -> list[Evidence]:
        """Links of one event: rows are in the order of the log, so a binary search finds the first."""
        first = self._first_id(self._state, "link", "offset", offset)
        rows = self._state.rows(
            """select rule, decision, reason, first, second, profile_id, other_profile_id, position from link
                where id between ? and ? + ? and offset = ? order by id""",
            first, first, ROWS_MAX, offset,
        )  # fmt: skip
        return [Evidence(*row[:7]) for row in rows if row[7] == position]

    def transitions(self, offset: int, profile_ids: Sequence[int]) -> list[Transition]:
        """Membership changes of these profiles at one record."""
        first = self._first_id(self._state, "membership_log", "offset", offset)
        rows = self._state.rows(
            """select segment_id, profile_id, at, entered from membership_log
                where id between ? and ? + ? and offset = ? order by id""",
            first, first, ROWS_MAX, offset,
        )  # fmt: skip
        return [Transition(row[0], row[1], row[2], bool(row[3])) for row in rows if row[1] in profile_ids]

    def attempts(self, receipt: Receipt, folded: Folded) -> list[Attempt]:
        """Tries by the event's place, and the tries behind the commit that carry its profile."""
        rows = self._delivery.rows(
            f"""select {ATTEMPT} from attempt where last_offset >= ? and first_offset <= ?
                order by last_offset limit ?""",
            receipt.offset, receipt.offset, ROWS_MAX,
        )  # fmt: skip
        first = self._first_id(self._delivery, "attempt", "answered_at", folded.committed_at)
        rows += self._delivery.rows(
            f"select {ATTEMPT} from attempt where id >= ? order by id limit ?", first, ATTEMPTS_MAX
        )
        unique = {(row[0], row[1], row[5]): row for row in rows}
        found = [_attempt(row, receipt, folded) for row in unique.values()]
        return _first_requests(sorted((one for one in found if one.kinds), key=lambda one: one.answered_at))

    def waiting(self, receipt: Receipt, folded: Folded) -> list[Waiting]:
        """Open requests that carry the event or its profile, and what is held back of it."""
        rows = self._delivery.rows(
            """select intent.id, connection_id, items, ifnull(attempts, 0), ifnull(maybe_doubled, 0),
                ifnull(retry_at, 0) from intent left join sending on sending.id = intent.id
                order by intent.id limit ?""",
            REQUESTS_MAX,
        )
        open_items = [
            Waiting(row[0], row[1], item.goal_id, item.part, row[3], bool(row[4]), row[5])
            for row in rows
            for item in _items.decode(row[2])
            if _is_of(item.offset, item.position, item.profile_id, receipt, folded)
        ]
        return [*open_items, *self._held(receipt, folded), *self._put_off(folded)]

    def _held(self, receipt: Receipt, folded: Folded) -> list[Waiting]:
        """In no request yet, so their request's id is 0."""
        ids = json_list(sorted({folded.profile_id, folded.survivor_id}))
        rows = self._delivery.rows(
            """select connection_id, item, due_at from held
                where profile_id in (select value from json_each(?)) order by id limit ?""",
            ids, REQUESTS_MAX,
        )  # fmt: skip
        found = [(row[0], _item.decode(row[1]), row[2]) for row in rows]
        return [
            Waiting(0, connection_id, item.goal_id, item.part, 0, maybe_doubled=False, retry_at=due_at)
            for connection_id, item, due_at in found
            if _is_of(item.offset, item.position, item.profile_id, receipt, folded)
        ]

    def _put_off(self, folded: Folded) -> list[Waiting]:
        """Goals of which the person waits for room in a budget."""
        runs = decode_runs(self._delivery.rows(OPEN))
        goals = {put_off_ledger(run.goal_id): run for run in runs if run.put_off}
        if not goals:
            return []
        rows = self._delivery.rows(
            """select ledger_id from ledger where ledger_id in (select value from json_each(?))
                and profile_id in (select value from json_each(?))""",
            json_list(sorted(goals)), json_list(sorted({folded.profile_id, folded.survivor_id})),
        )  # fmt: skip
        found = [goals[row[0]] for row in rows]
        return [
            Waiting(0, run.connection_id, run.goal_id, "", 0, maybe_doubled=False, retry_at=0)
            for run in found
        ]

    def change_of(self, folded: Folded) -> int:
        """The change row of a batch, by its clock, which only grows."""
        first = self._first_id(self._state, "change", "at", folded.clock, key="seq")
        rows = self._state.rows(
            "select seq, body from change where seq >= ? and at = ? order by seq limit ?",
            first, folded.clock, ROWS_MAX,
        )  # fmt: skip
        offset = folded.batch_offset
        return next((seq for seq, body in rows if decode_change(body).offset == offset), 0)

    def progress(self) -> Mapping[int, GoalProgress]:
        """How far each goal has planned."""
        return {row[0]: read_progress(row) for row in self._delivery.rows(PROGRESS)}

    def letters(self, message_id: str) -> list[Letter]:
        """Dead letters with this subject: reads all letters, whose number is limited."""
        query = f"select {LETTER} from letter where subject = ? order by id limit ?"
        return [
            read_letter(stage, row)
            for stage, file in (("capture", self._log), ("unify", self._state))
            for row in file.rows(query, message_id, RECEIPTS_MAX)
        ]

    def goal_letters(self, receipt: Receipt, folded: Folded) -> list[GoalLetter]:
        """By the event's place, and by its profile those of what was planned with or before its commit."""
        profiles = json_list([folded.profile_id, folded.survivor_id] if folded.profile_id else [])
        rows = self._delivery.rows(
            f"""select {LETTER}, answer, item from letter where requeued = 0 and ("offset" = ?
                or profile_id in (select value from json_each(?))) order by id limit ?""",
            receipt.offset, profiles, ROWS_MAX,
        )  # fmt: skip
        found = []
        of_profile = set[int]()
        for row in rows:
            item, at = _item.decode(row[10]), row[5]
            if not _is_of(item.offset, item.position, item.profile_id, receipt, folded):
                continue
            if item.position == NO_POSITION:
                is_other = at < folded.committed_at or item.offset > folded.batch_offset
                if is_other or item.goal_id in of_profile:
                    continue
                of_profile.add(item.goal_id)
            found.append(GoalLetter(item.goal_id, read_letter("activate", row[:9]), row[9]))
        return found

    def tried_since(self) -> int:
        """When the oldest try that is still kept was answered."""
        rows = self._delivery.rows("select answered_at from attempt order by id limit 1")
        return int(rows[0][0]) if rows else 0

    def states(self) -> Mapping[int, ConnectionState]:
        """How connections fare."""
        return {row[0]: ConnectionState(*row) for row in self._delivery.rows(STATES)}

    def follows_events(self, goal: Goal) -> bool:
        """Whether the goal sends events, not what they change of profiles."""
        return self._judge.follows_events(goal)

    def judge(self, goal: Goal, receipt: Receipt, folded: Folded) -> Verdict:
        """What the goal, as it is now, makes of the event."""
        return self._judge.judge(goal, receipt, folded)

    def close(self) -> None:
        """Give all files back."""
        self._judge.close()
        for file in (self._log, self._state, self._delivery, self._control):
            file.close()

    def _find_folded(self, wanted: Any, sources: Mapping[int, int]) -> Iterator[Receipt]:
        runs = self._runs()
        ends = [run.last_offset for run in runs]
        offsets = [int(one) for run in runs for one in run.find(wanted)[1]]
        newest = self._scan("offset > ? order by offset", [max(ends, default=0)], wanted, sources)
        found = [*newest]
        if offsets:
            behind = self._scan(
                "offset >= ? order by offset", [min(offsets)], wanted, sources, events_max=RESEND_EVENTS_MAX
            )
            for offset in offsets:
                yield from self._scan("offset >= ? order by offset limit 1", [offset], wanted, sources)
            yield from behind
        elif runs and not found:
            start = runs[0].first_offset
            yield from self._scan(
                "offset < ? order by offset desc", [start], wanted, sources, events_max=OLD_EVENTS_MAX
            )
        yield from found

    def _runs(self) -> Sequence[Run]:
        """The runs of this moment; the rows of batches say the same while the worker replaces some."""
        with self._state.read() as connection:
            if connection is None:
                return []
            try:
                return registered_runs(connection, self._runs_dir)
            except (OSError, ValueError):
                return []

    def _scan(
        self, where: str, values: Sequence[int], wanted: Any, sources: Mapping[int, int], events_max: int = 0
    ) -> list[Receipt]:
        """Places of these hashes in batch rows, row by row, until so many events were seen."""
        found: list[Receipt] = []
        seen = 0
        with self._state.read() as connection:
            if connection is None:
                return found
            query = f"select first_offset, hashes, places from batch where {where}"
            for first, hashes, places in connection.execute(query, values):
                found += _places_of(first, hashes, places, wanted, sources)
                seen += len(hashes) // 8
                if len(found) >= RECEIPTS_MAX or (events_max and seen >= events_max):
                    break
        return found

    def _find_pending(self, source_ids: set[int], message_id: str) -> Iterator[Receipt]:
        """Events that the worker has not come to: their bytes are searched."""
        rows = self._state.rows("select value from meta where name = 'offset'")
        folded_to = rows[0][0] if rows else 0
        found = self._log.rows(
            f"""select {RECORD} from (select * from record where offset > ? order by offset limit ?)
                where kind = ? and instr(body, ?) > 0 limit ?""",
            folded_to, PENDING_RECORDS_MAX, int(RecordKind.EVENTS), message_id.encode(), RECEIPTS_MAX,
        )  # fmt: skip
        for row in found:
            record = read_record(row)
            if record.source_id in source_ids:
                for position in _positions(record, message_id):
                    yield Receipt(record.source_id, record.offset, position)

    def _batch_of(self, offset: int) -> Row | None:
        rows = self._state.rows(
            f"select {BATCH} from batch where offset >= ? order by offset limit 1", offset
        )
        return rows[0] if rows and rows[0][1] <= offset else None

    def _first_id(self, file: File, table: str, column: str, value: int, *, key: str = "id") -> int:
        """The first row whose column, which grows with the key, has reached a value: about 30 look-ups."""
        bounds = file.rows(f"select min({key}), max({key}) from {table}")
        if not bounds or bounds[0][0] is None:
            return 0
        return _bisect(
            bounds[0][0],
            bounds[0][1] + 1,
            lambda middle: (
                file.rows(
                    f"select {key}, {column} from {table} where {key} >= ? order by {key} limit 1", middle
                )[0][1]
                >= value
            ),
        )


def _bisect(low: int, high: int, has_reached: Callable[[int], bool]) -> int:
    while low < high:
        middle = (low + high) // 2
        if has_reached(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _places_of(
    first: int, hashes: bytes, places: bytes, wanted: Any, sources: Mapping[int, int]
) -> Iterator[Receipt]:
    numbers = np.frombuffer(hashes, np.int64)
    hits = np.flatnonzero(np.isin(numbers, wanted) if len(wanted) > 1 else numbers == wanted)
    if not len(hits):
        return
    in_record = np.frombuffer(places, np.int32)
    for index in hits.tolist():
        place = int(in_record[index])
        position = index - int(np.searchsorted(in_record, place))
        yield Receipt(sources[int(numbers[index])], first + place, position)


def _positions(record: Record, message_id: str) -> list[int]:
    try:
        events = decode_events(record)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return []
    return [position for position, event in enumerate(events) if str(event.message_id) == message_id]


def _is_of(offset: int, position: int, profile_id: int, receipt: Receipt, folded: Folded) -> bool:
    """The item is the event itself, or what became of its profile."""
    if position == NO_POSITION:
        return bool(folded.profile_id) and profile_id in (folded.profile_id, folded.survivor_id)
    return (offset, position) == (receipt.offset, receipt.position)


def _attempt(row: Row, receipt: Receipt, folded: Folded) -> Attempt:
    goals, profiles, offsets, positions, parts, kinds = _places.decode(row[9])
    mine = [
        place
        for place in range(len(offsets))
        if _is_of(offsets[place], positions[place], profiles[place], receipt, folded)
        and (positions[place] != NO_POSITION or row[5] >= folded.committed_at)
    ]
    return Attempt(
        request_id=row[0],
        number=row[1],
        connection_id=row[2],
        channel=row[3],
        sent_at=row[4],
        answered_at=row[5],
        state=AttemptState(row[6]),
        code=row[7],
        maybe_doubled=bool(row[8]),
        goals=[goals[place] for place in mine],
        profiles=[profiles[place] for place in mine],
        offsets=[offsets[place] for place in mine],
        positions=[positions[place] for place in mine],
        parts=[parts[place] for place in mine],
        kinds=[Kind(kinds[place]) for place in mine],
    )


def _first_requests(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Of what carried the profile only the first request a goal: later ones tell of later changes."""
    first: dict[int, int] = {}
    kept = []
    for attempt in attempts:
        is_first = [
            position != NO_POSITION or first.setdefault(goal, attempt.request_id) == attempt.request_id
            for goal, position in zip(attempt.goals, attempt.positions, strict=True)
        ]
        if any(is_first):
            kept.append(attempt)
    return kept


def read_letter(stage: str, row: Row) -> Letter:
    """The letter of a row with the columns `LETTER`."""
    number, code, field, reason, hint, at, source_id, subject, payload = row
    text = payload.decode(errors="replace") if isinstance(payload, bytes) else str(payload)
    return Letter(f"{stage}-{number}", stage, code, field, reason, hint, at, source_id, subject, text)
