"""One thread that makes records durable in groups, and tells each sender when its own are.

In: items from the event loop. Out: a resolved future an item, once its group is on disk, and a
wake-up for the worker. Natural batching: it commits when idle and takes whatever queued meanwhile,
so a group grows with the disk's slowness and no answer ever waits for a timer (measured: a linger
only adds its own length).
"""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from onefold.errors import OnefoldError, RequestError, StorageError
from onefold.log.log import Log
from onefold.log.settings import LogSettings
from onefold.model.letter import Letter
from onefold.model.mark import Mark
from onefold.model.outcome import Count
from onefold.model.record import Record

ITEM_BYTES = 512
"""What an item costs in memory besides its bodies: keeps a flood of tiny ones bounded by bytes, too."""
GROUP_ITEMS_MAX = 4096
"""Items a transaction: bounds how long the first of a group waits for the rest being written."""

Done = Callable[[int, OnefoldError | None], None]
"""Told the last offset of the group, or what the write raised."""

logger = structlog.get_logger(__name__)


class Committer:
    """Owns the writing thread. Every method is for the event loop's thread alone."""

    def __init__(
        self, log: Log, settings: LogSettings, *, committed: Callable[[], None] = lambda: None
    ) -> None:
        self._log = log
        self._settings = settings
        self._committed = committed
        self._pending: deque[_Item] = deque()
        self._bytes = 0
        self._items = 0
        self._idle = False
        self._closing = False
        self._signal: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="log-committer", daemon=True)

    @property
    def waiting_bytes(self) -> int:
        """Bytes not yet durable."""
        return self._bytes

    @property
    def is_full(self) -> bool:
        """No room for another item now: answer 429."""
        return self._bytes >= self._settings.queue_bytes_max or self._items >= self._settings.queue_items_max

    def check_room(self) -> None:
        """Is there room for another item? To ask before its body is read.

        Raises:
            StorageError: `log.queue_full`, `log.closing`.
        """
        if self._closing:
            raise StorageError(
                "log.closing", "The server is shutting down.", hint="Send it again in a moment."
            )
        if self.is_full:
            raise StorageError(
                "log.queue_full",
                "More is arriving than the disk can take.",
                hint="Send it again after the time in Retry-After.",
            )

    def submit(
        self,
        records: Sequence[Record],
        counts: Sequence[Count] = (),
        letters: Sequence[Letter] = (),
        mark: Mark | None = None,
    ) -> "asyncio.Future[int]":
        """Queue records, counts and letters that must be written together; the future gives an offset.

        The offset is the last of the group that they were committed with, so theirs is not after it. With a
        mark: what the log's mark says is there already is not written again.

        Raises:
            StorageError: at once `log.queue_full` or `log.closing`; by the future what the write raised.
            RequestError: by the future `log.other_mark`: another run has come further with the same.
        """
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.submit_with(partial(_settle, future), records, counts, letters, mark)
        return future

    def submit_with(
        self,
        done: Done,
        records: Sequence[Record],
        counts: Sequence[Count] = (),
        letters: Sequence[Letter] = (),
        mark: Mark | None = None,
    ) -> None:
        """The same for callers that want no future: `done(offset, error)` is called on the loop."""
        self.check_room()
        if self._loop is None:
            self.start()
        item = _Item(records, counts, letters, done, mark)
        self._bytes += item.size
        self._items += 1
        self._pending.append(item)
        if self._idle:
            self._idle = False
            self._signal.put(None)

    def start(self) -> None:
        """Start the thread for the running loop. The first `submit` does it, too; safe to repeat."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._thread.start()

    async def close(self) -> None:
        """Write what is queued, answer it, end the thread. What comes after is refused."""
        if self._closing:
            return
        self._closing = True
        self._signal.put(None)
        if self._loop is None:
            return
        await asyncio.to_thread(self._thread.join)
        # The thread's last call_soon_threadsafe is queued by now: let it run before the caller goes on.
        await asyncio.sleep(0)

    def _run(self) -> None:
        while True:
            group = self._take()
            if group:
                self._commit(group)
            elif self._closing:
                return
            else:
                self._sleep()

    def _take(self) -> list["_Item"]:
        # A deque, not a list that is swapped: the loop appends while this thread takes.
        pending = self._pending
        return [pending.popleft() for _ in range(min(len(pending), GROUP_ITEMS_MAX))]

    def _sleep(self) -> None:
        self._idle = True
        # An item that came between the take and the line above saw a busy thread and sent no signal.
        if self._pending or self._closing:
            self._idle = False
            return
        self._signal.get()

    def _commit(self, group: list["_Item"]) -> None:
        error: OnefoldError | None = None
        offset = 0
        try:
            marks = [item.mark for item in group if item.mark is not None]
            fresh = self._without_repeats(group) if marks else group
            offset = self._log.append(
                [record for item in fresh for record in item.records],
                counts=[count for item in fresh for count in item.counts],
                letters=[letter for item in fresh for letter in item.letters],
                marks=[item.mark for item in fresh if item.mark is not None] if marks else (),
            )
        except StorageError as raised:
            error = raised
        except Exception as raised:
            # A bug must not leave senders hanging, nor end the only writer: fail the group, say so, go on.
            logger.exception("log.append_failed", items=len(group))
            error = StorageError("log.write_failed", "The log could not be written.")
            error.__cause__ = raised
        assert self._loop is not None  # noqa: S101 (the thread runs only once `start` has set it)
        self._loop.call_soon_threadsafe(self._resolve, group, offset, error)
        if error is None:
            self._committed()

    def _without_repeats(self, group: list["_Item"]) -> list["_Item"]:
        """The items whose mark, if they have one, is next. This thread alone writes: what it reads stands."""
        fresh: list[_Item] = []
        marks: dict[str, Mark | None] = {}
        for item in group:
            if item.mark is None:
                fresh.append(item)
                continue
            name = item.mark.name
            if name not in marks:
                marks[name] = self._log.find_mark(name)
            item.error = _refuse_mark(item.mark, marks[name])
            if item.error is None and not _is_repeat(item.mark, marks[name]):
                marks[name] = item.mark
                fresh.append(item)
        return fresh

    def _resolve(self, group: list["_Item"], offset: int, error: OnefoldError | None) -> None:
        for item in group:
            self._bytes -= item.size
            self._items -= 1
            try:
                item.done(offset, error or item.error)
            except Exception:
                # One sender's trouble must not cost the others of the group their answers.
                logger.exception("log.answer_failed")


def _settle(future: "asyncio.Future[int]", offset: int, error: OnefoldError | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(offset)
    else:
        future.set_exception(error)


def _is_repeat(mark: Mark, stands: Mark | None) -> bool:
    """Whether the very same step was written before."""
    return stands is not None and (stands.run_id, stands.position) == (mark.run_id, mark.position)


def _refuse_mark(mark: Mark, stands: Mark | None) -> RequestError | None:
    position = 0 if stands is None else stands.position
    if position == mark.after or _is_repeat(mark, stands):
        return None
    other = stands.run_id if stands else ""
    return RequestError(
        "log.other_mark",
        f"{other or 'Nobody'} has come to {position:,} with the same; this step begins at {mark.after:,}.",
        hint="Two runs do the same at once, or the data directory was brought back: start it anew.",
        status=409,
    )


class _Item:
    __slots__ = ("counts", "done", "error", "letters", "mark", "records", "size")

    def __init__(
        self,
        records: Sequence[Record],
        counts: Sequence[Count],
        letters: Sequence[Letter],
        done: Done,
        mark: Mark | None,
    ) -> None:
        self.mark = mark
        self.error: OnefoldError | None = None
        """Of this item alone."""
        self.records = records
        self.counts = counts
        self.letters = letters
        self.done = done
        size = ITEM_BYTES
        for record in records:
            size += len(record.body)
        for letter in letters:
            size += len(letter.payload)
        self.size = size
