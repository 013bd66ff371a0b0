"""Takes in what a destination tells of: the events of its files as records for the log.

In: pages of one file's items. Out: batches of records, dead letters and counts, each to be appended as a
whole with its position. The events carry the destination's own ids: what comes in two files counts once.
"""

from collections.abc import Iterable, Iterator

import msgspec

from onefold.acquire.gather import GatheredBatch, Gatherer
from onefold.clock import Clock, now
from onefold.model.record import Meta
from onefold.plugin.feedback import BadItem, FeedbackFile, FeedbackPage, Item, LeftOut

UNIT = "files"


class FeedbackImporter:
    """Turns the files of one run into batches."""

    def __init__(self, *, source_id: int, source_kind: str, run_id: str, clock: Clock = now) -> None:
        meta = msgspec.json.encode(Meta(run_id=run_id, source_kind=source_kind))
        self._gatherer = Gatherer(source_id, meta, clock)

    def batches(
        self, file: FeedbackFile, pages: Iterable[FeedbackPage], *, base: int, done: int
    ) -> Iterator[GatheredBatch]:
        """The batches of a file whose first item stands at `base`; `done` files lie before it."""
        gatherer = self._gatherer
        for page in pages:
            for place, item in enumerate(page.items, base + page.position - len(page.items)):
                if gatherer.is_full:
                    yield gatherer.cut(place, done, 0, UNIT)
                self._take(item, file)
            yield gatherer.cut(base + page.position, done, 0, UNIT)

    def _take(self, item: Item, file: FeedbackFile) -> None:
        if isinstance(item, bytes):
            self._gatherer.take(item)
        elif isinstance(item, LeftOut):
            self._gatherer.leave_out(item.code)
        else:
            self._refuse(item, file)

    def _refuse(self, item: BadItem, file: FeedbackFile) -> None:
        self._gatherer.refuse(
            item.code,
            item.field,
            item.reason,
            item.hint,
            subject=item.id or file.name.rpartition("/")[2],
            payload=item.draft,
        )
