"""One run from claim to end.

In: a request and the work that fits its kind. Out: the run's row. A run that the role's stop cuts short
stays `running` and is taken up again, from its position, at the next start; so does one whose process died.
"""

from collections.abc import Callable

import structlog

from onefold.clock import Clock
from onefold.errors import OnefoldError
from onefold.model.run import Run, RunState
from onefold.run.progress import Interrupted, Progress
from onefold.run.store import RunStore

ATTEMPTS_MAX = 20
"""A run that was cut short so often ends instead of starting once more: it is what kills the process."""

Work = Callable[[Progress], str]
"""Does the work and returns what a person reads of its end; raises OnefoldError when it cannot."""

logger = structlog.get_logger(__name__)


class Cancelled(Exception):  # noqa: N818  (no error: someone asked for it)
    """The work stopped because someone cancelled it; its text says what that means."""


class Skipped(Exception):  # noqa: N818  (no error: it was decided when it was asked for)
    """The run shall not be worked on at all; its text says why."""


def execute(
    request: Run,
    work: Work,
    store: RunStore,
    clock: Clock,
    *,
    is_cancelled: Callable[[], bool],
    is_stopping: Callable[[], bool],
) -> None:
    """Work on a run until it ends or the role stops.

    Raises:
        StorageError, Interrupted: the store cannot be written; the run is to be taken up again later.
    """
    claimed = store.claim(request)
    if claimed is None:
        return
    run, position = claimed
    progress = Progress(run, position, store, clock, is_cancelled=is_cancelled, is_stopping=is_stopping)
    try:
        message = work(progress)
    except Interrupted:
        return
    except Cancelled as cancelled:
        progress.end(RunState.CANCELLED, str(cancelled) or "Cancelled. What was done so far stays.")
    except Skipped as skipped:
        progress.end(RunState.SKIPPED, str(skipped))
    except OnefoldError as error:
        progress.end(RunState.FAILED, f"{error.message} {error.hint}".strip() + f" [{error.code}]")
        logger.warning("run.failed", run_id=run.id, kind=str(run.kind), code=error.code)
    except Exception as error:
        progress.end(RunState.FAILED, f"Onefold met a fault ({type(error).__name__}). See the diagnostics.")
        logger.exception("run.failed", run_id=run.id, kind=str(run.kind))
    else:
        progress.end(RunState.SUCCEEDED, message)
