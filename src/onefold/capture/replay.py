"""A dead letter of capture, as it was or mended, judged again.

In: the letter and its payload. Out: a record for the log, or the refusal that still stands. The record's
times stay what they were: the client's clock is corrected by the first receipt, not by the replay.
"""

import msgspec

from onefold.capture.judge import Rules, judge
from onefold.capture.refusal import Refusal
from onefold.capture.settings import CaptureSettings
from onefold.clock import to_iso
from onefold.model.event import parse_time
from onefold.model.letter import Letter
from onefold.model.record import Meta, Record, RecordKind
from onefold.model.source import Source

IMPORTED = "acquire."
"""Codes of what an import refused: such an event may be a guest's, and as large as a file's may be."""
IMPORTED_BYTES_MAX = 4 * 1024**2
"""What `acquire.build` allows, too."""


def replay_letter(
    letter: Letter, payload: str, source: Source, settings: CaptureSettings, *, received_at: int
) -> Record | Refusal:
    """The record that takes the letter's place, received now; it names the letter it repeats.

    An event that says no time of its own happened when it was first received.
    """
    rules = Rules(settings, drop_ip=source.drop_ip)
    if letter.code.startswith(IMPORTED):
        rules = msgspec.structs.replace(rules, needs_identifier=False, event_bytes_max=IMPORTED_BYTES_MAX)
    verdict = judge(payload.encode(), rules)
    if isinstance(verdict, Refusal):
        return verdict
    content = msgspec.json.decode(verdict)
    sent_at = 0
    if not (content.get("timestamp") or content.get("originalTimestamp")):
        content["timestamp"] = to_iso(letter.at)
        verdict = msgspec.json.encode(content)
    else:
        sent_at = _sent_at(content.get("sentAt"))
        # Shifted by the time it lay here, so that received_at - sent_at is still the client's clock error.
        sent_at = sent_at + received_at - letter.at if sent_at else 0
    kind = source.kind if source.is_feedback else ""
    meta = Meta(sent_at=sent_at, replay_of=letter.id, source_kind=kind)
    return Record(RecordKind.EVENTS, source.id, received_at, 1, verdict, msgspec.json.encode(meta))


def _sent_at(value: object) -> int:
    try:
        return parse_time(value) if isinstance(value, str | int | float) else 0
    except (ValueError, OverflowError):
        return 0
