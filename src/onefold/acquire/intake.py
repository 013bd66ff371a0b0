"""Takes in what a provider holds: its rows as records for the log, as an import goal says.

In: rows of a provider, one a person, and the goal's intake. Out: batches of records, dead letters and counts,
each to be appended as a whole with its position. A row becomes one event of type `import`, known by run and
row: a sum counts once, whatever is read or replayed twice.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from onefold.acquire.transform import Step, compile_transforms, is_empty
from onefold.clock import Clock, now, to_iso
from onefold.model.event import IMPORT
from onefold.model.intake import Intake, IntakeRow, Row, RowStrategy
from onefold.model.json import JsonObject, JsonValue
from onefold.model.letter import Letter
from onefold.model.outcome import Count, Kind
from onefold.model.record import Meta, Record, RecordKind
from onefold.plugin.origin import BadRow, RowPage
from onefold.plugin.template import TemplateFaultError

STAGE = "capture"
"""An import is received like everything else; its source tells it apart."""
RECORD_EVENTS_MAX = 500
RECORD_BYTES_MAX = 1024**2
NO_IDENTIFIER = "acquire.no_identifier"
PAYLOAD_CHARS_MAX = 65_536
Write = tuple[str, str, JsonValue]

_encoder = msgspec.json.Encoder(decimal_format="number")


class RowFault(msgspec.Struct, frozen=True):
    """Why a row cannot be taken in."""

    field: str
    reason: str


class Built(msgspec.Struct, frozen=True):
    """What a row says: identifiers as (kind, value), and writes as (trait, strategy, value)."""

    identifiers: list[tuple[str, JsonValue]]
    writes: list[Write]


class RowBuilder:
    """Reads rows as one intake says. Pure.

    Raises:
        RequestError: a transform is set up wrongly.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._rows: list[tuple[IntakeRow, Step]] = [
            (row, compile_transforms(row.transforms)) for row in intake.rows
        ]
        self._named = {row.field for row in intake.rows} | {one.field for one in intake.identifiers}

    def build(self, row: Row) -> Built | RowFault:
        """The row's identifiers and writes."""
        writes: list[Write] = []
        for mapped, transform in self._rows:
            try:
                value = transform(row.get(mapped.field), row)
            except TemplateFaultError as error:
                return RowFault(mapped.field, str(error))
            except ValueError as error:
                return RowFault(mapped.field, f"The value of {mapped.field!r} {error}.")
            writes += _write(mapped.trait, mapped.strategy, value)
        remaining = self._intake.remaining
        if remaining is not None:
            for field, value in row.items():
                if field not in self._named and ":" not in field:
                    writes += _write(remaining.prefix + field, remaining.strategy, value)
        identifiers = [
            (one.identifier, row[one.field])
            for one in self._intake.identifiers
            if not is_empty(row.get(one.field))
        ]
        return Built(identifiers, writes)


def _write(trait: str, strategy: RowStrategy, value: JsonValue) -> list[Write]:
    if is_empty(value):
        return [(trait, "set", None)] if strategy is RowStrategy.CLEAR else []
    return [(trait, "set" if strategy is RowStrategy.CLEAR else str(strategy), value)]


class IntakeBatch(msgspec.Struct, frozen=True):
    """What to append together; where to go on once it is; how far the whole is."""

    records: list[Record]
    letters: list[Letter]
    counts: list[Count]
    position: int
    done: int
    total: int
    unit: str


class Importer:
    """Turns the pages of one run into batches."""

    def __init__(
        self, intake: Intake, *, source_id: int, run_id: str, occurred_at: int, clock: Clock = now
    ) -> None:
        """`occurred_at`: when the provider wrote down what it gives; writes count as of then."""
        self._builder = RowBuilder(intake)
        self._create = intake.create
        self._source_id = source_id
        self._run_id = run_id
        self._timestamp = to_iso(occurred_at)
        self._clock = clock
        self._meta = msgspec.json.encode(Meta(run_id=run_id))
        self._events: list[bytes] = []
        self._bytes = 0
        self._letters: list[Letter] = []
        self._filtered = 0

    def batches(self, pages: Iterable[RowPage]) -> Iterator[IntakeBatch]:
        """Batches of at most 500 events; the last of a page stands at its end."""
        for page in pages:
            for place, row in enumerate(page.rows, page.position - len(page.rows)):
                self._take(place, row)
                if self._is_full() and place + 1 < page.position:
                    yield self._cut(place + 1, page)
            yield self._cut(page.position, page)

    def _take(self, place: int, row: Row | BadRow) -> None:
        if isinstance(row, BadRow):
            self._refuse(place, "acquire.bad_row", RowFault("", row.reason), row.text)
            return
        built = self._builder.build(row)
        if isinstance(built, RowFault):
            self._refuse(place, "acquire.bad_value", built, _encoder.encode(row).decode())
            return
        if not built.identifiers:
            self._filtered += 1
            return
        event = self._event(place, built)
        self._events.append(event)
        self._bytes += len(event)

    def _event(self, place: int, built: Built) -> bytes:
        event: JsonObject = {
            "type": IMPORT,
            "messageId": f"{self._run_id}:{place}",
            "timestamp": self._timestamp,
            "context": {"externalIds": [{"type": kind, "id": value} for kind, value in built.identifiers]},
            "writes": built.writes,
        }
        if not self._create:
            event["create"] = False
        return _encoder.encode(event)

    def _refuse(self, place: int, code: str, fault: RowFault, payload: str) -> None:
        self._letters.append(
            Letter(
                "",
                STAGE,
                code,
                fault.field,
                fault.reason,
                "Mend it at its source, or the mapping, and import again.",
                self._clock(),
                self._source_id,
                f"row {place + 1} of {self._run_id}",
                payload[:PAYLOAD_CHARS_MAX],
            )
        )

    def _is_full(self) -> bool:
        return (
            len(self._events) >= RECORD_EVENTS_MAX
            or self._bytes >= RECORD_BYTES_MAX
            or len(self._letters) >= RECORD_EVENTS_MAX
        )

    def _cut(self, position: int, page: RowPage) -> IntakeBatch:
        batch = IntakeBatch(
            self._records(), self._letters, self._counts(), position, page.done, page.total, page.unit
        )
        self._events, self._letters, self._bytes, self._filtered = [], [], 0, 0
        return batch

    def _records(self) -> list[Record]:
        if not self._events:
            return []
        body = b"[%b]" % b",".join(self._events)
        return [
            Record(RecordKind.EVENTS, self._source_id, self._clock(), len(self._events), body, self._meta)
        ]

    def _counts(self) -> list[Count]:
        subject = str(self._source_id)
        counts = [Count(STAGE, subject, Kind.PASSED, "", len(self._events))] if self._events else []
        if self._filtered:
            counts.append(Count(STAGE, subject, Kind.FILTERED, NO_IDENTIFIER, self._filtered))
        codes: Sequence[str] = [letter.code for letter in self._letters]
        counts += [
            Count(STAGE, subject, Kind.REJECTED, code, codes.count(code)) for code in sorted(set(codes))
        ]
        return counts
