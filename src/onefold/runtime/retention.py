"""Retention of the log: first a base snapshot of the state, then the records that it covers go.

In: the days that records are kept. Out: `base/<offset>.db` in the data directory, and a shorter log. A replay
then starts from the base. A base serves until the log has caught up with it, so at 30 days one is made about
every 30 days, and a replay proves what came after it.
"""

from pathlib import Path

from onefold.backends.embedded.base import check_base, find_base, make_base
from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.backends.embedded.log_needs import Need, find_need
from onefold.clock import DAY, now
from onefold.errors import OnefoldError
from onefold.model.run import RunKind
from onefold.run.progress import Progress
from onefold.runtime.work_tools import Tools, check

PIECE_RECORDS = 10_000
"""Records asked away at once: some tenths of a second, between two reports of progress."""


def retain(progress: Progress, tools: Tools) -> str:
    """The work of a retention run; safe to repeat from any place."""
    days = _days(progress, tools)
    if days is None:
        return "Nothing to do: log.retention_days is 0, everything is kept."
    with tools.hold.shortening() as is_free:
        if not is_free or tools.runs.has_begun(RunKind.SEGMENT_FILL):
            return "Put off: a segment is being filled, or a replay or backup is under way. Try again then."
        return _shorten(progress, tools, days)


def base_for(root: Path, first: int) -> Path | None:
    """The base from which a log that begins at `first` is replayed; None while there never was one.

    Whoever was erased is in the base no more, and of their events the log holds only that they were there: so
    a replay begins at the base, even where older records are held.

    Raises:
        OnefoldError: the records before `first` are gone, and no base holds them.
    """
    base = find_base(root)
    if first <= 1 and base is None:
        return None
    if base is None or base.offset < first - 1:
        raise OnefoldError(
            "replay.no_base",
            "Older records are gone, and there is no base snapshot that holds what they said.",
            hint="Restore a backup that holds one.",
        )
    return check_base(root, base)


def _days(progress: Progress, tools: Tools) -> int | None:
    """What this run was asked for, else what the settings say; None: keep everything."""
    asked = progress.run.arguments.get("days")
    return int(asked) if asked is not None else tools.settings.log.retention_days or None


def _shorten(progress: Progress, tools: Tools, days: int) -> str:
    root = tools.directory.root
    log = EmbeddedLogReader(root)
    try:
        first = log.first()
        wanted = log.offset_at(now() - days * DAY) if days else log.end() + 1
    finally:
        log.close()
    if not first or wanted <= first:
        return "Nothing to do: no record is that old."
    need = find_need(root)
    end = min(wanted, need.offset)
    if end <= first:
        return f"Nothing removed: {need.who} still needs the oldest record."
    base = find_base(root)
    if base is None or base.offset < end - 1:
        progress.report(0, end - first, "records")
        base = make_base(root)
    removed = 0
    for start in range(first, end, PIECE_RECORDS):
        check(progress)
        removed += tools.trim(min(start + PIECE_RECORDS, end))
        progress.report(removed, end - first, "records")
    return _tell(removed, base.offset, wanted, need)


def _tell(removed: int, base_offset: int, wanted: int, need: Need) -> str:
    told = f"{removed} records went; the base snapshot at record {base_offset} holds what they said."
    if need.offset < wanted and need.who != "the worker":
        told += f" More stays because {need.who} has not read it yet."
    return told
