"""The files of Braze's storage connector in the user's bucket: which there are, and what stands in them.

In: a goal that names a folder. Out: files in the order of their hours, and their events. Keys look like
`<prefix>/dataexport.<cluster>.S3.integration.<id>/event_type=<type>/date=YYYY-MM-DD-HH/…/<name>.avro`; only
`event_type=` and `date=` are relied upon, since the rest has changed before. Each type is listed by itself
from an hour on, so that a bucket of years costs no more than one of days. A file stands under the hour in
which its events were queued, and may come late. Source: Braze's "Event delivery semantics" (July 2026).
"""

import heapq
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from onefold.clock import SECOND
from onefold.connectors.braze.archive import download
from onefold.connectors.braze.currents_avro import broken_file, events_of
from onefold.connectors.braze.intake_kinds import CURRENTS
from onefold.model.goal import Goal
from onefold.plugin.check import setting
from onefold.plugin.feedback import FeedbackFile, FeedbackPage, Item
from onefold.plugin.object_store import MissingObjectError, ObjectStore

PAGE_EVENTS = 500
HOUR_FORMAT = "%Y-%m-%d-%H"
_KEY = re.compile(
    r"(?P<root>.*?event_type=(?P<type>[^/]+)/)date=(?P<hour>\d{4}-\d\d-\d\d-\d\d)/.*\.avro", re.S
)
JUST_BEHIND_SLASH = "0"
"""The character after `/`: a folder's name with it comes behind everything in the folder."""


class BrazeCurrents:
    """One bucket, to read engagement events from."""

    def __init__(self, store: ObjectStore, goal: Goal) -> None:
        folder = str(setting(CURRENTS.fields, goal.settings, "folder") or "").strip("/")
        self._store = store
        self._folder = f"{folder}/" if folder else store.prefix
        self._types = frozenset(setting(CURRENTS.fields, goal.settings, "event_types"))

    @property
    def place(self) -> str:
        """Bucket and folder."""
        return f"{self._store.bucket}/{self._folder}"

    def oldest_part(self, goal: Goal, newest_read: str, at: int) -> str:
        """So many hours before what was read, for files that come late; at first so many days before now."""
        now = datetime.fromtimestamp(at / SECOND, UTC)
        if not newest_read:
            return _hour(now - timedelta(days=int(setting(CURRENTS.fields, goal.settings, "past_days"))))
        late = timedelta(hours=int(setting(CURRENTS.fields, goal.settings, "late_hours")))
        # An hour of the future, whoever wrote it, must not hide what comes until then.
        newest = min(datetime.strptime(newest_read, HOUR_FORMAT).replace(tzinfo=UTC), now)
        return _hour(newest - late)

    def files(self, goal: Goal, oldest_part: str) -> Iterator[FeedbackFile]:
        """All types' files merged, hour by hour; pages of the listing are fetched as they are needed."""
        del goal
        listings = [
            self._files_of(root, oldest_part)
            for root, event_type in self._roots()
            if not self._types or event_type in self._types
        ]
        return heapq.merge(*listings, key=lambda file: (file.part, file.name))

    def read(self, file: FeedbackFile, after: int) -> Iterator[FeedbackPage]:
        """The file's events, in pages."""
        found = _KEY.fullmatch(file.name)
        if found is None:
            return
        try:
            stream = self._store.open(file.name)
        except MissingObjectError:
            yield FeedbackPage([broken_file(file.name, "it was removed before it was read")], after + 1)
            return
        with stream, download(stream) as content:
            yield from _pages(events_of(content, found["type"], file.name), after)

    def close(self) -> None:
        """Give up the sockets."""
        self._store.close()

    def _roots(self) -> Iterator[tuple[str, str]]:
        """The folders of the types: one request each, however much is in them."""
        key = self._first_file("")
        while key is not None:
            found = _KEY.fullmatch(key)
            assert found is not None  # noqa: S101 - `_first_file` saw to it
            root = found["root"]
            yield root, found["type"]
            key = self._first_file(root[:-1] + JUST_BEHIND_SLASH)

    def _first_file(self, after: str) -> str | None:
        """The first file of Braze's behind a key; what else lies in the folder is passed over."""
        for count_max in (1, 0):
            for one in self._store.list(self._folder, after=after, count_max=count_max):
                if _KEY.fullmatch(one.key):
                    return one.key
                after = one.key
        return None

    def _files_of(self, root: str, oldest_part: str) -> Iterator[FeedbackFile]:
        # Some servers leave out a folder that is called just as what is listed behind: so a digit less.
        for one in self._store.list(root, after=f"{root}date={oldest_part[:-1]}"):
            found = _KEY.fullmatch(one.key)
            if found is not None and found["hour"] >= oldest_part and _is_hour(found["hour"]):
                yield FeedbackFile(one.key, found["hour"])


def _pages(items: Iterator[Item], after: int) -> Iterator[FeedbackPage]:
    page: list[Item] = []
    position = 0
    for item in items:
        position += 1
        if position > after:
            page.append(item)
        if len(page) == PAGE_EVENTS:
            yield FeedbackPage(page, position)
            page = []
    if page:
        yield FeedbackPage(page, position)


def _is_hour(text: str) -> bool:
    try:
        datetime.strptime(text, HOUR_FORMAT)  # noqa: DTZ007 - only whether it is one
    except ValueError:
        return False
    return True


def _hour(moment: datetime) -> str:
    return moment.strftime(HOUR_FORMAT)
