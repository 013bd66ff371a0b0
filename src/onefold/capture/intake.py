"""From a plain body to what the log shall hold of it: a record, counts, dead letters.

In: JSON bytes and how they arrived. Out: an `Intake`, whose counts add up: received = passed + filtered +
rejected. Pure but for the allowance of dead letters.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from onefold.capture.bots import is_bot
from onefold.capture.judge import (
    BOT,
    SECONDS_MAX,
    TOO_DEEP,
    Rules,
    judge_many,
    judge_with_time,
    message_id_of,
)
from onefold.capture.refusal import Refusal, RequestRefused, invalid_json
from onefold.capture.settings import CaptureSettings
from onefold.capture.throttle import LetterAllowance
from onefold.clock import SECOND, to_iso
from onefold.model.event import parse_time
from onefold.model.letter import Letter
from onefold.model.outcome import Count, Kind
from onefold.model.record import Meta, Record, RecordKind
from onefold.model.source import Source

STAGE = "capture"
Time = str | int | float | None


NO_OBJECT = Refusal("capture.not_an_object", "", "The body must be a JSON object.", "Send {...}.")
NO_LIST = Refusal(
    "capture.not_a_batch",
    "batch",
    "The body has no list of events.",
    'Send {"batch": [...]}, or one event to /v1/track and its like.',
)


class Envelope(msgspec.Struct, rename="camel", gc=False):
    """What a body says around its events. A wrong type of these costs nobody an event: `Any`."""

    write_key: Any = None
    sent_at: Any = None


class Batch(Envelope, rename="camel", gc=False):
    """An envelope with events in it."""

    batch: list[Raw] | None = None


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """How a body came: from which source, when, from where."""

    source: Source
    received_at: int
    ip: str = ""
    user_agent: str = ""


class Implied(msgspec.Struct, frozen=True):
    """What only the route or the envelope said of an event."""

    type: str = ""
    sent_at: int = 0


class Rejection(msgspec.Struct, frozen=True):
    """One event that was not taken, by its place in the batch."""

    index: int
    message_id: str
    refusal: Refusal


class Intake(msgspec.Struct, gc=False):
    """What becomes of a body. `record` is None if nothing of it was accepted."""

    accepted: int = 0
    record: Record | None = None
    counts: Sequence[Count] = ()
    letters: Sequence[Letter] = ()
    rejections: Sequence[Rejection] = ()


E = TypeVar("E", bound=Envelope)
_envelope = msgspec.json.Decoder(Envelope)
_batch = msgspec.json.Decoder(Batch)
_meta = msgspec.json.Encoder()


def read_envelope(body: bytes) -> Envelope | Refusal:
    """The envelope of a body, or why it cannot be read."""
    return _read(_envelope, body)


def read_batch(body: bytes) -> Batch | Refusal:
    """The envelope of a body that holds a batch, or why it cannot be read."""
    batch = _read(_batch, body)
    return NO_LIST if isinstance(batch, Batch) and batch.batch is None else batch


def _read(decoder: msgspec.json.Decoder[E], body: bytes) -> E | Refusal:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        return NO_LIST if str(error).endswith("at `$.batch`") else NO_OBJECT
    except RecursionError:
        return TOO_DEEP
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return invalid_json(str(error).removeprefix("JSON is malformed: ")[:200])


class Taker:
    """Judges bodies by the settings; keeps only how many dead letters each source has written this minute."""

    def __init__(self, settings: CaptureSettings) -> None:
        self._settings = settings
        self.allowance = LetterAllowance(settings.letters_per_minute_max)
        """Of dead letters a source; shared with who takes what is pushed."""
        self._rules: dict[tuple[bool, bool], Rules] = {
            (ip, bots): Rules(settings, drop_ip=ip, drop_bots=bots)
            for ip in (False, True)
            for bots in (False, True)
        }
        self._passed: dict[int, tuple[Count, ...]] = {}

    def take_event(self, body: bytes, route_type: str, arrival: Arrival) -> Intake:
        """One event, of a route that says its type."""
        source = arrival.source
        rules = self._rules[source.drop_ip, source.drop_bots]
        verdict, sent_at_text = judge_with_time(body, rules, route_type)
        if isinstance(verdict, Refusal):
            return self._without(body, verdict, route_type, arrival)
        if source.drop_bots and is_bot(arrival.user_agent):
            return self._without(body, BOT, route_type, arrival)
        sent_at = _microseconds(sent_at_text) if sent_at_text else 0
        return Intake(
            1, record_of(verdict, 1, meta_of(arrival, sent_at, route_type), arrival), self._one(source.id)
        )

    def take_batch(self, envelope: Batch, arrival: Arrival) -> Intake:
        """Many events: the good are taken, each bad one becomes a dead letter.

        Raises:
            RequestRefused: it is too long.
        """
        raws = envelope.batch or []
        if len(raws) > self._settings.batch_events_max:
            raise _too_many(len(raws), self._settings.batch_events_max)
        source = arrival.source
        verdicts = judge_many(raws, self._rules[source.drop_ip, source.drop_bots])
        if source.drop_bots and is_bot(arrival.user_agent):
            verdicts = [verdict if isinstance(verdict, Refusal) else BOT for verdict in verdicts]
        good = [verdict for verdict in verdicts if verdict.__class__ is not Refusal]
        sent_at = _microseconds(envelope.sent_at) or (_sent_at_of(raws[0]) if raws else 0)
        intake = Intake(len(good))
        if good:
            body = b"[%b]" % b",".join(good)  # type: ignore[arg-type]
            intake.record = record_of(body, len(good), meta_of(arrival, sent_at, ""), arrival)
            intake.counts = (Count(STAGE, str(source.id), Kind.PASSED, "", len(good)),)
        if len(good) == len(raws):
            return intake
        return self._with_refused(intake, raws, verdicts, arrival, Implied(sent_at=sent_at))

    def refuse_body(self, body: bytes, refusal: Refusal, arrival: Arrival) -> Intake:
        """A whole body that cannot be read counts as one rejected event."""
        return self._without(body, refusal, "", arrival)

    def _without(self, body: bytes, refusal: Refusal, route_type: str, arrival: Arrival) -> Intake:
        implied = Implied(type=route_type)
        return self._with_refused(Intake(), [body], [refusal], arrival, implied)

    def _with_refused(
        self,
        intake: Intake,
        raws: Sequence[bytes | Raw],
        verdicts: Sequence[bytes | Raw | Refusal],
        arrival: Arrival,
        implied: Implied,
    ) -> Intake:
        counts, letters, rejections = list(intake.counts), [], []
        for index, verdict in enumerate(verdicts):
            if not isinstance(verdict, Refusal):
                continue
            kind = Kind.FILTERED if verdict is BOT else Kind.REJECTED
            counts.append(Count(STAGE, str(arrival.source.id), kind, verdict.code, 1))
            if kind is Kind.FILTERED:
                intake.accepted += 1
                continue
            message_id = message_id_of(raws[index])
            rejections.append(Rejection(index, message_id, verdict))
            if self.allowance.take(arrival.source.id, arrival.received_at):
                payload = _payload(bytes(raws[index]), implied, self._settings.letter_bytes_max)
                letters.append(letter_of(verdict, message_id, payload, arrival))
        intake.counts, intake.letters, intake.rejections = counts, letters, rejections
        return intake

    def _one(self, source_id: int) -> tuple[Count, ...]:
        counts = self._passed.get(source_id)
        if counts is None:
            counts = self._passed[source_id] = (Count(STAGE, str(source_id), Kind.PASSED, "", 1),)
        return counts


def _too_many(events: int, events_max: int) -> RequestRefused:
    return RequestRefused(
        400,
        "capture.batch_too_long",
        f"The batch has {events} events; {events_max} are allowed.",
        "Send smaller batches, or raise capture.batch_events_max.",
        field="batch",
    )


def record_of(body: bytes, count: int, meta: bytes, arrival: Arrival) -> Record:
    """The record of a body that was judged."""
    return Record(RecordKind.EVENTS, arrival.source.id, arrival.received_at, count, body, meta)


def meta_of(arrival: Arrival, sent_at: int, route_type: str, *, source_kind: str = "") -> bytes:
    """The envelope of a record, as JSON."""
    ip = "" if arrival.source.drop_ip else arrival.ip
    return _meta.encode(Meta(sent_at, route_type, ip, arrival.user_agent, source_kind=source_kind))


def _microseconds(value: object) -> int:
    """0 for what is no time: the events are worth more than the correction of their clock."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return 0
    try:
        at = parse_time(value)
    except (ValueError, OverflowError):
        return 0
    return at if 0 <= at < SECONDS_MAX * SECOND else 0


def _sent_at_of(raw: Raw) -> int:
    envelope = read_envelope(bytes(raw))
    return _microseconds(envelope.sent_at) if isinstance(envelope, Envelope) else 0


def letter_of(refusal: Refusal, message_id: str, payload: str, arrival: Arrival) -> Letter:
    """The dead letter of an event that was refused."""
    return Letter(
        "",
        STAGE,
        refusal.code,
        refusal.field,
        refusal.message,
        refusal.hint,
        arrival.received_at,
        arrival.source.id,
        message_id,
        payload,
    )


def _payload(raw: bytes, implied: Implied, bytes_max: int) -> str:
    """The event as text, complete by itself, so that it can be replayed without its request."""
    if len(raw) <= bytes_max and (implied.type or implied.sent_at):
        raw = _completed(raw, implied)
    text = raw[:bytes_max].decode("utf-8", "backslashreplace")
    return text if len(raw) <= bytes_max else f"{text}… [cut: {bytes_max} of {len(raw)} bytes kept]"


def _completed(raw: bytes, implied: Implied) -> bytes:
    try:
        content = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return raw
    if not isinstance(content, dict):
        return raw
    if implied.type:
        content["type"] = implied.type
    if implied.sent_at:
        content.setdefault("sentAt", to_iso(implied.sent_at))
    return msgspec.json.encode(content)
