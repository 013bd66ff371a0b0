"""How far something is: a bar on the terminal; without one, a line now and then. Both go to stderr.

In: a run as it goes on, or bytes sent. Out: how much is done, how fast, and how long it will take.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from onefold.cli.show import note
from onefold.model.json import JsonObject

if TYPE_CHECKING:
    from rich.progress import Progress

LINE_S = 10.0
"""Without a terminal, one line in so many seconds."""
ENDS = frozenset({"succeeded", "failed", "cancelled", "skipped"})


class Bar(Protocol):
    """Where progress is shown."""

    def show(self, run: JsonObject) -> None:
        """The run as it now stands."""


@contextmanager
def make_bar(title: str) -> Iterator[Bar]:
    """A bar on the terminal, or lines where there is none."""
    if not sys.stderr.isatty():
        yield Lines(title)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[words]}", markup=False),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield RichBar(progress, title)


class Pace:
    """How fast a run goes, from where we began to look."""

    def __init__(self) -> None:
        self._began_at = 0.0
        self._began_with = 0

    def words(self, run: JsonObject) -> str:
        """Done, total, and how much a second, as far as they are known."""
        if not self._began_at and run["done"]:
            self._began_at, self._began_with = time.monotonic(), run["done"]
        unit = run["unit"]
        if unit == "bytes":
            done, total, rate = (
                f"{value / 1e6:,.1f}" for value in (run["done"], run["total"], self._rate(run))
            )
            unit = "MB"
        else:
            done, total, rate = f"{run['done']:,}", f"{run['total']:,}", f"{self._rate(run):,.0f}"
        words = f"{done} of {total} {unit}" if run["total"] else f"{done} {unit}" if run["done"] else ""
        return f"{words}, {rate} {unit}/s" if self._rate(run) else words

    def seconds_left(self, run: JsonObject) -> float:
        """At this pace; 0 when nobody knows."""
        rate = self._rate(run)
        return (run["total"] - run["done"]) / rate if rate and run["total"] else 0.0

    def _rate(self, run: JsonObject) -> float:
        passed_s = time.monotonic() - self._began_at
        return (run["done"] - self._began_with) / passed_s if self._began_at and passed_s > 0 else 0.0


class RichBar:
    """A moving bar."""

    def __init__(self, progress: "Progress", title: str) -> None:
        self._progress = progress
        self._task = progress.add_task(title, total=None, words="")
        self._pace = Pace()

    def show(self, run: JsonObject) -> None:
        """Move it."""
        total: Any = run["total"] or None
        words = self._pace.words(run)
        self._progress.update(self._task, completed=run["done"], total=total, words=words)


class Lines:
    """A line now and then, for files and pipes."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._next = time.monotonic() + LINE_S
        self._pace = Pace()

    def show(self, run: JsonObject) -> None:
        """Say where it stands, if it is time."""
        words = self._pace.words(run)
        if run["state"] in ENDS or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LINE_S
        left = self._pace.seconds_left(run)
        note(f"{self._title}: {words}" + (f", about {left:.0f} s left" if left else ""))


@contextmanager
def upload_bar(title: str, size: int) -> Iterator[Callable[[int], None]]:
    """A bar of bytes; call what it gives with how many more were sent."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=size)
        yield lambda sent: progress.advance(task, sent)
