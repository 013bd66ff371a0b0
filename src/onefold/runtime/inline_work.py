"""The worker and the tasks role in the process of a command, one after the other.

In: a locked directory without a server, the runs that wait, a way to append. Out: a folded log, ended runs.
"""

from collections.abc import Callable, Sequence
from functools import partial

from onefold.backends.embedded.control.decisions import RunRequest
from onefold.backends.embedded.tasks import EmbeddedRuns
from onefold.clock import now
from onefold.model.erasure import Removal, Removed
from onefold.run.execute import execute
from onefold.runtime.append import Append
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.erasure import erase_deliveries
from onefold.runtime.settings import Settings
from onefold.runtime.tasks import run_of
from onefold.runtime.watch import Watch, WatchedRuns
from onefold.runtime.work import make_work
from onefold.runtime.work_tools import Tools
from onefold.runtime.worker import WorkerParts


def fold_and_run(
    directory: DataDirectory,
    settings: Settings,
    waiting: Sequence[RunRequest],
    append: Append,
    trim: Callable[[int], int],
    *,
    erase: Callable[[Removal], Removed],
    watch: Watch,
) -> None:
    """Fold what the log holds, then run what waits, oldest first."""
    with WorkerParts(directory, settings) as parts:
        parts.drain()
        if not waiting:
            return
        runs = EmbeddedRuns(directory.root)
        tools = Tools(
            *(directory, settings, runs, append),
            trim=trim,
            erase=erase,
            deliver=partial(erase_deliveries, directory.root),
            fold=parts.drain,
        )
        for request in reversed(waiting):
            _run(request, tools, watch)
        parts.drain()
        runs.close()


def _run(request: RunRequest, tools: Tools, watch: Watch) -> None:
    run = run_of(request)
    watch.begin(run)
    try:
        execute(
            run,
            make_work(run, tools),
            WatchedRuns(tools.runs, watch),
            now,
            is_cancelled=lambda: request.cancel_asked or watch.is_cancelled(),
            is_stopping=lambda: False,
        )
    finally:
        watch.end()
