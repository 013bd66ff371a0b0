"""The shop of the demo in a thread, its progress on the terminal and in the mark.

In: where Onefold listens, a write key, the mark. Out: events, through a published SDK.
"""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from onefold.cli.demo import marker
from onefold.cli.demo.processes import Child
from onefold.errors import OnefoldError
from onefold.testing.shop.send import ShopProgress, ShopSender

if TYPE_CHECKING:
    from rich.progress import Progress

WATCH_S = 0.25
STOP_S_MAX = 20.0
"""The SDK sends what it holds; then the shop is left alone."""


class Selling:
    """Sends until it is stopped."""

    def __init__(self, root: Path, url: str, write_key: str, *, rate: float, history_days: int) -> None:
        self._root = root
        mark = marker.claim(root)
        self._before = mark.shop
        days = mark.shop.history_days if mark.shop.began else history_days
        self._sender = ShopSender(
            url,
            write_key,
            history_days=days,
            rate_per_s=rate,
            began=mark.shop.began,
            skip=mark.shop.sent,
        )
        self._days = days
        self._latest = ShopProgress(False, 0.0, days, 0, 0, 0)
        self._failure: Exception | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send, name="shop", daemon=True)

    def run(self, went_live: Callable[[], None], children: Sequence[Child]) -> None:
        """Send until interrupted; calls `went_live` once the past is sent.

        Raises:
            OnefoldError: a server has ended, or nobody takes the events.
            KeyboardInterrupt: Ctrl-C.
        """
        self._thread.start()
        is_live = False
        with _display() as show:
            while self._thread.is_alive():
                self._thread.join(WATCH_S)
                for child in children:
                    child.check()
                show(self._latest)
                if self._latest.is_live and not is_live:
                    is_live = True
                    went_live()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Stop sending; what the SDK holds is sent."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(STOP_S_MAX)

    def _send(self) -> None:
        try:
            self._sender.run(self._stop, self._note)
        except OnefoldError as error:
            self._failure = error

    def _note(self, progress: ShopProgress) -> None:
        self._latest = progress
        sent = self._before.sent + progress.sent
        shop = marker.Shop(self._sender.began, sent, self._days)
        marker.write(self._root, marker.Mark(shop=shop))


@contextlib.contextmanager
def _display() -> Iterator[Callable[[ShopProgress], None]]:
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Bar(progress).show


class _Bar:
    """A bar for the past, a count for the present."""

    def __init__(self, progress: "Progress") -> None:
        self._progress = progress
        self._task = progress.add_task("The past", total=None, words="")

    def show(self, at: ShopProgress) -> None:
        """Move it."""
        words = f"{at.sent:,} events sent, {at.people:,} people have come"
        if at.is_live:
            self._progress.update(self._task, description="Live", total=None, words=words)
        else:
            self._progress.update(self._task, completed=at.days_done, total=at.days, words=words)
