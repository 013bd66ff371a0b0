"""Retention of the log: first a base snapshot of the state, then the records that it covers go.

In: the days that records are kept. Out: `base/<offset>.db` in the data directory, and a shorter log. A
replay then starts from the base; only the newest base is kept.
"""

from pathlib import Path

from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.backends.embedded.snapshot import BASE_DIRECTORY, position_of, snapshot
from onefold.clock import DAY, now
from onefold.errors import OnefoldError
from onefold.run.progress import Progress
from onefold.runtime.work_tools import Tools, check


def retain(progress: Progress, tools: Tools) -> str:
    """The work of a retention run; safe to repeat from any place."""
    days = tools.settings.log.retention_days
    if not days:
        return "Nothing to do: log.retention_days is 0, everything is kept."
    root = tools.directory.root
    log = EmbeddedLogReader(root)
    try:
        first, wanted = log.first(), log.offset_at(now() - days * DAY)
    finally:
        log.close()
    if not first or wanted <= first:
        return "Nothing to do: no record is that old."
    directory = root / BASE_DIRECTORY
    directory.mkdir(mode=0o700, exist_ok=True)
    progress.report(0, 2, "steps")
    base = directory / "next.db"
    position = snapshot(root, base)
    check(progress)
    kept = base.rename(directory / f"{position.offset:020d}.db")
    progress.report(1, 2, "steps")
    # The worker may be behind: what it has not folded is in no base, and stays.
    removed = tools.trim(min(wanted, position.offset))
    for old in directory.glob("*.db"):
        if old != kept:
            old.unlink()
    return f"{removed} records went; a base snapshot at record {position.offset} holds what they said."


def base_for(root: Path, first: int) -> Path | None:
    """The base from which a log that begins at `first` can be replayed; None when it needs none.

    Raises:
        OnefoldError: the records before `first` are gone, and no base holds them.
    """
    if first <= 1:
        return None
    for path in sorted((root / BASE_DIRECTORY).glob("[0-9]*.db"), reverse=True):
        if position_of(path).offset >= first - 1:
            return path
    raise OnefoldError(
        "replay.no_base", "Older records are gone, and there is no base snapshot that holds what they said."
    )
