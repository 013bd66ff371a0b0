"""Takes in what a provider holds: its rows as records for the log, as an import goal says.

In: rows of a provider, one a person, and the goal's intake. Out: batches of records, dead letters and counts,
each to be appended as a whole with its position. A row becomes one event of type `import`, known by run and
row: a sum counts once, whatever is read or replayed twice.
"""

from collections.abc import Iterable, Iterator

import msgspec

from onefold.acquire.gather import GatheredBatch, Gatherer
from onefold.acquire.transform import Step, compile_transforms, is_empty
from onefold.clock import Clock, now, to_iso
from onefold.model.event import IMPORT
from onefold.model.intake import Intake, IntakeRow, Row, RowStrategy
from onefold.model.json import JsonObject, JsonValue
from onefold.model.record import Meta
from onefold.plugin.origin import BadRow, RowPage
from onefold.plugin.template import TemplateFaultError

NO_IDENTIFIER = "acquire.no_identifier"
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


class Importer:
    """Turns the pages of one run into batches."""

    def __init__(
        self, intake: Intake, *, source_id: int, run_id: str, occurred_at: int, clock: Clock = now
    ) -> None:
        """`occurred_at`: when the provider wrote down what it gives; writes count as of then."""
        self._builder = RowBuilder(intake)
        self._create = intake.create
        self._run_id = run_id
        self._timestamp = to_iso(occurred_at)
        self._gatherer = Gatherer(source_id, msgspec.json.encode(Meta(run_id=run_id)), clock)

    def batches(self, pages: Iterable[RowPage]) -> Iterator[GatheredBatch]:
        """Batches of at most 500 events; the last of a page stands at its end."""
        gatherer = self._gatherer
        for page in pages:
            for place, row in enumerate(page.rows, page.position - len(page.rows)):
                if gatherer.is_full:
                    yield gatherer.cut(place, page.done, page.total, page.unit)
                self._take(place, row)
            yield gatherer.cut(page.position, page.done, page.total, page.unit)

    def _take(self, place: int, row: Row | BadRow) -> None:
        if isinstance(row, BadRow):
            self._refuse(place, "acquire.bad_row", RowFault("", row.reason), row.text)
            return
        built = self._builder.build(row)
        if isinstance(built, RowFault):
            self._refuse(place, "acquire.bad_value", built, _encoder.encode(row).decode())
        elif built.identifiers:
            self._gatherer.take(self._event(place, built))
        else:
            self._gatherer.leave_out(NO_IDENTIFIER)

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
        self._gatherer.refuse(
            code,
            fault.field,
            fault.reason,
            "Mend it at its source, or the mapping, and import again.",
            subject=f"row {place + 1} of {self._run_id}",
            payload=payload,
        )
