"""The worker's store in one SQLite file: `state.db`, with the dedupe runs beside it.

In: batches of keys, and `Writes`. Out: rows for many keys in one query, and one commit for everything.
Keys are sorted before they are written and there is no secondary index: at 2 million profiles the pages
touched decide the speed.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from threading import Event

import msgspec

from onefold.backends.embedded import erase_log, erase_state
from onefold.backends.embedded.alias import find_survivors
from onefold.backends.embedded.counters import fold_counters
from onefold.backends.embedded.database import fold_in, json_list, open_writer
from onefold.backends.embedded.dedupe import Dedupe
from onefold.backends.embedded.identity_rows import PUT_IDENTITY, find_identity, identity_values
from onefold.clock import DAY, Clock, now
from onefold.errors import StorageError
from onefold.log.retention import Retention
from onefold.model.change import encode_change
from onefold.pipeline.store import IdentityRow, Position, SegmentRow, Writes
from onefold.unify.link import Link

CHECKPOINT_PAGES = 32_000
"""64 MB of WAL between checkpoints: a batch over millions of profiles touches thousands of pages, many of
them again in the next batches."""
RETIRED_ROWS = 1000
"""Rows deleted a table and call, so that the worker never pauses for long."""
LETTERS_MAX = 100_000
TOTALS_MAX = 1000
"""Event names (each with each of its currencies) that are counted apart a source and day: a sender that puts
data into names must not fill the disk. Those that came first in the log are; so a replay gives the same."""
OTHER_NAMES = "(other)"
"""What the names beyond that are counted as, together."""
SEGMENT_COLUMNS = (
    "id, version, name, definition, state, offset, filled_to, born_after, counts_since, fallback"
)
PUT_SEGMENT = f"""insert into segment ({SEGMENT_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (id) do update set version = excluded.version, name = excluded.name,
    definition = excluded.definition, state = excluded.state, offset = excluded.offset,
    filled_to = excluded.filled_to, born_after = excluded.born_after,
    counts_since = excluded.counts_since, fallback = excluded.fallback"""
PUT_PROFILE = """insert into profile values (?, ?)
    on conflict (id) do update set body = excluded.body"""
PUT_IDENTIFIER = """insert into identifier values (?, ?)
    on conflict (key) do update set profile_id = excluded.profile_id"""
PUT_MEMBER = """insert into member values (?, ?, ?)
    on conflict (segment_id, profile_id) do update set since = excluded.since"""
ADD_COUNTER = """insert into counter values (?, ?, ?, ?, ?, ?)
    on conflict do update set count = count + excluded.count"""
# A name that is there costs one more look-up by key (measured: 1 µs), a new one a look at its day and source.
ADD_TOTAL = f"""insert into event_total values (?1, ?2, case
    when exists (
        select 1 from event_total where day = ?1 and source_id = ?2 and event = ?3 and currency = ?4) then ?3
    when exists (select 1 from event_total where day = ?1 and source_id = ?2 limit 1 offset ?7)
    then '{OTHER_NAMES}' else ?3 end, ?4, ?5, ?6)
    on conflict do update set count = count + excluded.count,
    revenue = decimal_add(revenue, excluded.revenue)"""
PUT_LETTER = """insert into letter (code, field, reason, hint, at, source_id, subject, payload)
    values (?, ?, ?, '', ?, ?, ?, ?)"""
PUT_LINK = """insert into link
    (offset, position, at, first, second, rule, decision, reason, profile_id, other_profile_id)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
ADD_SEGMENT_DAY = """insert into segment_day values (?, ?, ?, ?)
    on conflict do update set entered_count = entered_count + excluded.entered_count,
    left_count = left_count + excluded.left_count"""
LOG_MEMBERSHIP = """insert into membership_log (offset, at, segment_id, profile_id, entered)
    values (?, ?, ?, ?, ?)"""
RETIRE_BATCHES = """delete from batch where offset in (
    select offset from (select offset from batch order by offset limit ?1) where offset < ?2)"""
RETIRE_MARKS = """delete from mark where minute in (
    select minute from (select minute, offset from mark order by minute limit ?1) where offset < ?2)"""
RETIRE_LETTERS = """delete from letter where id in (
    select id from (select id from letter order by id limit ?1)
    where id <= (select max(id) from letter) - ?2)"""
# The newest of a table stays: its number tells the next one, here and in a replay from an older base.
RETIRE_MEMBERSHIPS = """delete from membership_log where id in (
    select id from (select id, at from membership_log order by id limit ?1) where at < ?2)
    and id < (select max(id) from membership_log)"""
RETIRE_LINKS = """delete from link where id in (
    select id from (select id, at from link order by id limit ?1) where at < ?2)
    and id < (select max(id) from link)"""
RETIRE_CHANGES = """delete from change where seq in (
    select seq from (select seq, at from change order by seq limit ?1) where at < ?2)"""


class EmbeddedState:
    """`state.db`, for its one writer."""

    def __init__(
        self, data_dir: Path, *, cache_mb: int = 64, clock: Clock = now, kept: Retention | None = None
    ) -> None:
        self._connection = open_writer(data_dir, "state", cache_mb=cache_mb)
        self._connection.execute(f"pragma wal_autocheckpoint={CHECKPOINT_PAGES}")
        self._connection.create_function("decimal_add", 2, _decimal_add, deterministic=True)
        self._clock = clock
        self._kept = kept or Retention()
        self._window_start = 0
        self._committer = ThreadPoolExecutor(1, "commit")
        with _writing("dedupe"):
            self._dedupe = Dedupe(data_dir / "dedupe", self._connection)

    def close(self) -> None:
        """Give everything back; safe to repeat."""
        self._committer.shutdown()
        self._dedupe.close()
        self._connection.close()

    def load(self) -> tuple[Position, list[SegmentRow], list[tuple[int, int]]]:
        """Where the last commit stands."""
        meta = dict(self._connection.execute("select name, value from meta").fetchall())
        position = Position(
            meta.get("offset", 0), meta.get("clock", 0), meta.get("next_profile_id", 1), meta.get("known", 0)
        )
        segments = [
            SegmentRow(*row)
            for row in self._connection.execute(f"select {SEGMENT_COLUMNS} from segment order by id")
        ]
        marks = self._connection.execute("select minute, offset from mark order by minute").fetchall()
        return position, segments, marks

    def identity(self) -> IdentityRow | None:
        """The rules of identity that hold."""
        return find_identity(self._connection)

    def seen(self, hashes: Sequence[int]) -> dict[int, int]:
        """The newest offset at which each of these hashes counted."""
        return self._dedupe.find(hashes)

    def identifiers(self, keys: Sequence[str]) -> dict[str, int]:
        """The profile of each identifier key."""
        return dict(
            self._connection.execute(
                "select key, profile_id from identifier where key in (select value from json_each(?))",
                (json_list(keys),),
            ).fetchall()
        )

    def profiles(self, ids: Sequence[int]) -> Iterable[tuple[int, bytes]]:
        """The stored profiles among these ids."""
        return self._connection.execute(
            "select id, body from profile where id in (select value from json_each(?))", (json_list(ids),)
        ).fetchall()

    def profiles_between(self, first: int, last: int) -> Iterable[tuple[int, bytes]]:
        """The stored profiles with ids first..last, by id."""
        return self._connection.execute(
            "select id, body from profile where id between ? and ? order by id", (first, last)
        ).fetchall()

    def survivors(self, ids: Sequence[int]) -> dict[int, int]:
        """Where merged profiles live now."""
        return find_survivors(self._connection, ids)

    def due(self, until: int, limit: int) -> list[tuple[int, int]]:
        """Timers up to a time, oldest first."""
        return self._connection.execute(
            "select due_at, profile_id from timer where due_at <= ? order by due_at, profile_id limit ?",
            (until, limit),
        ).fetchall()

    def members(self, segment_id: int, limit: int) -> list[int]:
        """The first profiles of a segment, by id."""
        rows = self._connection.execute(
            "select profile_id from member where segment_id = ? order by profile_id limit ?",
            (segment_id, limit),
        )
        return [row[0] for row in rows]

    def has_erased(self, run_id: str) -> bool:
        """Whether the erasure that this run asked for is done."""
        return bool(self._connection.execute("select 1 from erasure where run_id = ?", (run_id,)).fetchone())

    def merged_into(self, profile_id: int) -> list[int]:
        """Everyone who was merged into a profile."""
        return erase_state.merged_into(self._connection, profile_id)

    def refused_because_of(self, ids: Sequence[int]) -> list[int]:
        """Profiles that were refused an identifier since one of these has it."""
        return erase_state.refused_because_of(self._connection, ids)

    def count_links(self, ids: Sequence[int]) -> int:
        """Pieces of evidence about these profiles."""
        return erase_state.count_links(self._connection, ids)

    def letters_of(self, names: Callable[[bytes], bool]) -> list[int]:
        """Numbers of the dead letters whose payload names somebody."""
        return erase_log.find_letters(self._connection, names)

    def commit(self, writes: Writes, meanwhile: Callable[[], None] | None = None) -> None:
        """All or nothing, durable when it returns; `meanwhile` is done while the disk works.

        Raises:
            StorageError: nothing was written (disk full, I/O error).
        """
        with _writing("state.db"), self._transaction(meanwhile):
            self._write(writes)
        if writes.erasing is not None:
            fold_in(self._connection)
        self._window_start = max(self._window_start, writes.window_start)
        if writes.seen:
            # A failure here loses nothing: the rows are committed, and the next commit tries again.
            with _writing("dedupe"):
                self._dedupe.add(writes.seen, self._window_start)

    def retire(self, log_first: int, clock: int) -> int:
        """Delete what only records already gone from the log, or expired, needed; returns how many rows.

        Raises:
            StorageError: nothing was deleted.
        """
        kept = self._kept
        with _writing("state.db"), self._transaction() as connection:
            retired = fold_counters(connection, clock, kept.counter_days)
            for query, bound in (
                (RETIRE_BATCHES, min(log_first, self._window_start)),
                (RETIRE_MARKS, self._window_start),
                (RETIRE_LETTERS, LETTERS_MAX),
                (RETIRE_CHANGES, clock - kept.change_days * DAY),
                (
                    RETIRE_MEMBERSHIPS,
                    clock - kept.membership_log_days * DAY if kept.membership_log_days else 0,
                ),
                (RETIRE_LINKS, clock - kept.link_days * DAY if kept.link_days else 0),
            ):
                retired += connection.execute(query, (RETIRED_ROWS, bound)).rowcount
        return retired

    @contextmanager
    def _transaction(self, meanwhile: Callable[[], None] | None = None) -> Iterator[sqlite3.Connection]:
        connection = self._connection
        try:
            connection.execute("begin immediate")
            yield connection
            if meanwhile is None:
                connection.execute("commit")
            else:
                self._commit_beside(meanwhile)
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise

    def _commit_beside(self, meanwhile: Callable[[], None]) -> None:
        """SQLite lets go of the interpreter while it writes and syncs: a quarter of a batch's time."""
        started = Event()

        def commit() -> None:
            started.set()
            self._connection.execute("commit")

        committed = self._committer.submit(commit)
        # Else the thread would get the interpreter only after 5 ms of the work beside it.
        started.wait()
        try:
            meanwhile()
        finally:
            committed.result()

    def _write(self, writes: Writes) -> None:
        self._write_people(writes)
        self._write_segments(writes)
        self._write_counts(writes)
        if writes.erasing is not None:
            erase_state.erase(self._connection, writes.erasing)
        self._write_position(writes)

    def _write_people(self, writes: Writes) -> None:
        run = self._connection.executemany
        if writes.identifiers:
            run(PUT_IDENTIFIER, writes.identifiers)
        if writes.removed_profiles:
            run("delete from profile where id = ?", [(one,) for one in writes.removed_profiles])
            run("insert into alias values (?, ?)", writes.aliases)
        if writes.profiles:
            run(PUT_PROFILE, writes.profiles)
        if writes.links:
            run(PUT_LINK, map(_link_row, writes.links))
        if writes.identity:
            run(PUT_IDENTITY, map(identity_values, writes.identity))

    def _write_segments(self, writes: Writes) -> None:
        run = self._connection.executemany
        if writes.segments:
            run(PUT_SEGMENT, [msgspec.structs.astuple(row) for row in writes.segments])
        if writes.members:
            members = sorted((*key, since) for key, since in writes.members.items())
            run(PUT_MEMBER, [row for row in members if row[2]])
            run(
                "delete from member where segment_id = ? and profile_id = ?",
                [row[:2] for row in members if not row[2]],
            )
            run(LOG_MEMBERSHIP, writes.membership_log)
        if writes.segment_days:
            days = sorted((*key, *moves) for key, moves in writes.segment_days.items())
            run(ADD_SEGMENT_DAY, days)
            run(
                "update segment set people = people + ? where id = ?",
                [(entered - left, segment_id) for segment_id, _, entered, left in days if entered != left],
            )
        if writes.dropped_segments:
            dropped = [(one,) for one in writes.dropped_segments]
            run("delete from segment where id = ?", dropped)
            run("delete from segment_day where segment_id = ?", dropped)
        if writes.timers_removed:
            run("delete from timer where due_at = ? and profile_id = ?", sorted(writes.timers_removed))
        if writes.timers_added:
            run("insert or ignore into timer values (?, ?)", sorted(writes.timers_added))

    def _write_counts(self, writes: Writes) -> None:
        run = self._connection.executemany
        if writes.counters:
            run(ADD_COUNTER, [(*key, count) for key, count in writes.counters.items()])
        if writes.totals:
            run(ADD_TOTAL, [(*key, *total, TOTALS_MAX - 1) for key, total in writes.totals.items()])
        if writes.letters:
            run(PUT_LETTER, map(msgspec.structs.astuple, writes.letters))

    def _write_position(self, writes: Writes) -> None:
        execute = self._connection.execute
        position, batch = writes.position, writes.batch
        if batch is not None:
            execute(
                "insert into batch values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    position.offset,
                    batch.first_offset,
                    position.clock,
                    self._clock(),
                    batch.count,
                    batch.hashes,
                    batch.places,
                    batch.outcomes,
                    batch.profiles,
                ),
            )
        if writes.change is not None:
            execute(
                "insert into change (at, body) values (?, ?)", (position.clock, encode_change(writes.change))
            )
        if writes.marks:
            self._connection.executemany("insert or ignore into mark values (?, ?)", writes.marks)
        self._connection.executemany(
            "insert into meta values (?, ?) on conflict (name) do update set value = excluded.value",
            [
                ("offset", position.offset),
                ("clock", position.clock),
                ("next_profile_id", position.next_profile_id),
                ("known", position.known),
            ],
        )


@contextmanager
def _writing(name: str) -> Iterator[None]:
    """What the disk refuses, in words for the operator."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StorageError(
            "storage.cannot_write",
            f"{name} cannot be written: {error}.",
            hint="Is the disk full? The worker goes on by itself once there is room.",
        ) from error


def _decimal_add(one: str, other: str) -> str:
    return str(Decimal(one) + Decimal(other))


def _link_row(link: Link) -> tuple[object, ...]:
    origin = link.origin
    return (
        origin.offset, origin.position, origin.at, link.first, link.second, origin.rule,
        link.decision.value, link.reason, link.profile_id, link.other_profile_id,
    )  # fmt: skip
