"""Dead letters of all stages, for people: listed, counted, found. Read-only.

In: filters. Out: letters with what was decided about them, newest first. Each stage's letters stand in the
file of the role that refused; what people decided stands in control.db, attached to each for the join.
"""

import heapq
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from onefold.backends.embedded.database import DatabaseName
from onefold.backends.embedded.file import File
from onefold.model.delivery import Item
from onefold.model.letter import Letter, LetterState

FILES: Mapping[str, DatabaseName] = {"capture": "log", "unify": "state", "activate": "delivery"}
CACHE_MB = 8

_item = msgspec.msgpack.Decoder(Item)

COLUMNS = """letter.id, letter.code, field, reason, hint, letter.at, source_id, subject, {payload},
    {delivery},
    ifnull(decision.state, 'open'), ifnull(decision.replayed_as, ''), ifnull(decision.at, 0),
    ifnull(decision."by", '')"""
SOURCE = """from letter left join control.letter_decision as decision
    on decision.letter_id = '{stage}-' || letter.id"""
PAGE = """select {columns} {source} where letter.id < :before and {filters}
    order by letter.id desc limit :limit"""
FIND = "select {columns} {source} where letter.id = :number"
COUNTS = """select letter.code, ifnull(decision.state, 'open'), count(*) {source} where {filters}
    group by 1, 2"""
FILTERS = """(:code is null or letter.code = :code) and (:source_id is null or source_id = :source_id)
    and (:state is null or ifnull(decision.state, 'open') = :state)"""
OF_CONNECTION = """(:connection_id is null or connection_id = :connection_id)
    and (:run is null or letter.run = :run)"""
OF_NONE = ":connection_id is null and :run is null"
NUMBER_MAX = 2**62


class LetterFilter(msgspec.Struct, frozen=True):
    """Which letters; None: whatever it is."""

    stage: str | None = None
    code: str | None = None
    source_id: int | None = None
    connection_id: int | None = None
    state: LetterState | None = None
    run: int | None = None
    """Number of the run of a goal that planned it."""


class StoredLetter(NamedTuple):
    """A letter, who decided about it when, and, of activation, the item that would go again."""

    letter: Letter
    decided_at: int
    decided_by: str
    connection_id: int
    item: Item | None
    answer: str = ""
    """What the destination said, masked and cut."""

    @property
    def number(self) -> int:
        """Within its stage."""
        return int(self.letter.id.partition("-")[2])


class LetterCount(NamedTuple):
    """So many letters of a stage and code stand so."""

    stage: str
    code: str
    state: LetterState
    letters: int


class EmbeddedLetters:
    """Answers of three files; each is opened once its role has made it. Safe to share between threads."""

    def __init__(self, data_dir: Path) -> None:
        self._files = {
            stage: File(data_dir, name, cache_mb=CACHE_MB, attached="control")
            for stage, name in FILES.items()
        }

    def page(
        self,
        wanted: LetterFilter,
        after: Mapping[str, int],
        count_max: int,
        *,
        with_payload: bool = False,
    ) -> list[StoredLetter]:
        """Newest first; `after` holds the number of the last letter seen of each stage."""
        streams = [
            self._page(stage, wanted, after.get(stage, NUMBER_MAX), count_max, with_payload=with_payload)
            for stage in FILES
            if wanted.stage in (None, stage)
        ]
        # Each stream goes by number, which is by time but for clocks that were set back.
        merged = heapq.merge(*streams, key=lambda stored: -stored.letter.at)
        return [stored for stored, _ in zip(merged, range(count_max), strict=False)]

    def find(self, letter_id: str) -> StoredLetter | None:
        """One letter with its payload."""
        stage, _, number = letter_id.partition("-")
        if stage not in FILES or not number.isdecimal() or len(number) > 18:
            return None
        query = FIND.format(columns=_columns(stage, with_payload=True), source=SOURCE.format(stage=stage))
        rows = self._read(stage, query, {"number": int(number)})
        return _stored(stage, rows[0]) if rows else None

    def counts(self, wanted: LetterFilter) -> Iterator[LetterCount]:
        """How many letters of each stage, code and state are kept."""
        for stage in FILES:
            if wanted.stage in (None, stage):
                query = COUNTS.format(source=SOURCE.format(stage=stage), filters=_filters(stage))
                for code, state, count in self._read(stage, query, _values(wanted)):
                    yield LetterCount(stage, code, LetterState(state), count)

    def oldest(self, stage: str) -> int:
        """The lowest number that is still kept (0: none is)."""
        rows = self._read(stage, "select ifnull(min(id), 0) from letter", {})
        return int(rows[0][0]) if rows else 0

    def close(self) -> None:
        """Give the files back."""
        for file in self._files.values():
            file.close()

    def _page(
        self, stage: str, wanted: LetterFilter, before: int, count_max: int, *, with_payload: bool
    ) -> list[StoredLetter]:
        query = PAGE.format(
            columns=_columns(stage, with_payload=with_payload),
            source=SOURCE.format(stage=stage),
            filters=_filters(stage),
        )
        values = {**_values(wanted), "before": before, "limit": count_max}
        return [_stored(stage, row) for row in self._read(stage, query, values)]

    def _read(self, stage: str, query: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        with self._files[stage].read() as connection:
            return connection.execute(query, values).fetchall() if connection else []


def _columns(stage: str, *, with_payload: bool) -> str:
    delivery = "connection_id, item, answer" if stage == "activate" else "0, x'', ''"
    return COLUMNS.format(payload="letter.payload" if with_payload else "x''", delivery=delivery)


def _filters(stage: str) -> str:
    return f"{FILTERS} and {OF_CONNECTION if stage == 'activate' else OF_NONE}"


def _values(wanted: LetterFilter) -> dict[str, str | int | None]:
    return {
        "code": wanted.code,
        "source_id": wanted.source_id,
        "connection_id": wanted.connection_id,
        "state": str(wanted.state) if wanted.state else None,
        "run": wanted.run,
    }


def _stored(stage: str, row: tuple[Any, ...]) -> StoredLetter:
    number, code, field, reason, hint, at, source_id, subject, payload = row[:9]
    connection_id, item, answer, state, replayed_as, decided_at, decided_by = row[9:]
    text = payload.decode("utf-8", "backslashreplace")
    letter = Letter(
        f"{stage}-{number}",
        stage,
        code,
        field,
        reason,
        hint,
        at,
        source_id,
        subject,
        text,
        LetterState(state),
        replayed_as,
    )
    item = _item.decode(item) if item else None
    return StoredLetter(letter, decided_at, decided_by, connection_id, item, answer)
