"""Batches that a destination pushes: what its connector reads of them, judged like all other events.

In: a body and how its connector reads it. Out: an `Intake`, whose counts add up. The destination's own ids
are the message ids, so what it sends twice counts once.
"""

from collections.abc import Mapping, Sequence

from onefold.capture.intake import STAGE, Arrival, Intake, Rejection, letter_of, meta_of, record_of
from onefold.capture.judge import Rules, judge
from onefold.capture.refusal import Refusal, RequestRefused
from onefold.capture.settings import CaptureSettings
from onefold.capture.throttle import LetterAllowance
from onefold.model.letter import Letter
from onefold.model.outcome import Count, Kind
from onefold.plugin.feedback import BadItem, Item, LeftOut, PushReader

NO_CONNECTOR_RETRY_S = 60
PUSHED_BYTES_MAX = 1024**2
"""An event that a destination made may be larger than what an SDK sends."""


class PushTaker:
    """Takes what destinations push, each by the source kind of its connector."""

    def __init__(
        self, settings: CaptureSettings, readers: Mapping[str, PushReader], allowance: LetterAllowance
    ) -> None:
        self._settings = settings
        self._readers = readers
        self._allowance = allowance
        self._rules = Rules(settings, event_bytes_max=PUSHED_BYTES_MAX)

    def take(self, body: bytes, arrival: Arrival) -> Intake | Refusal:
        """The events of a body; a refusal of the whole where it is no batch.

        Raises:
            RequestRefused: the connector is not installed; it shall be sent again.
        """
        reader = self._readers.get(arrival.source.kind)
        if reader is None:
            raise RequestRefused(
                429,
                "capture.no_connector",
                f"No connector is installed that reads what {arrival.source.kind} sends.",
                "Install it and restart; the destination sends again.",
                retry_after_s=NO_CONNECTOR_RETRY_S,
            )
        found = reader(body)
        if isinstance(found, BadItem):
            return _refusal_of(found)
        verdicts = [self._judge(item) for item in found]
        good = [verdict for verdict in verdicts if isinstance(verdict, bytes)]
        intake = Intake(len(good))
        counts: list[Count] = []
        if good:
            meta = meta_of(arrival, 0, "", source_kind=arrival.source.kind)
            intake.record = record_of(b"[%b]" % b",".join(good), len(good), meta, arrival)
            counts.append(Count(STAGE, str(arrival.source.id), Kind.PASSED, "", len(good)))
        intake.letters, intake.rejections = self._refuse(found, verdicts, arrival, counts)
        intake.accepted = len(found) - len(intake.rejections)
        intake.counts = counts
        return intake

    def _judge(self, item: Item) -> bytes | Refusal | LeftOut:
        if isinstance(item, BadItem):
            return _refusal_of(item)
        return item if isinstance(item, LeftOut) else judge(item, self._rules)

    def _refuse(
        self,
        items: Sequence[Item],
        verdicts: Sequence[bytes | Refusal | LeftOut],
        arrival: Arrival,
        counts: list[Count],
    ) -> tuple[list[Letter], list[Rejection]]:
        letters: list[Letter] = []
        rejections: list[Rejection] = []
        subject = str(arrival.source.id)
        for index, (item, verdict) in enumerate(zip(items, verdicts, strict=True)):
            if isinstance(verdict, LeftOut):
                counts.append(Count(STAGE, subject, Kind.FILTERED, verdict.code, 1))
            elif isinstance(verdict, Refusal):
                counts.append(Count(STAGE, subject, Kind.REJECTED, verdict.code, 1))
                message_id, payload = _kept_of(item)
                rejections.append(Rejection(index, message_id, verdict))
                if self._allowance.take(arrival.source.id, arrival.received_at):
                    cut = payload[: self._settings.letter_bytes_max]
                    letters.append(letter_of(verdict, message_id, cut, arrival))
        return letters, rejections


def _refusal_of(item: BadItem) -> Refusal:
    return Refusal(item.code, item.field, item.reason, item.hint)


def _kept_of(item: Item) -> tuple[str, str]:
    """Message id and payload of what was refused."""
    if isinstance(item, BadItem):
        return item.id, item.draft
    return ("", item.decode("utf-8", "backslashreplace")) if isinstance(item, bytes) else ("", "")
