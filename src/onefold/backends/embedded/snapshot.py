"""A copy of the state at an offset: the base from which a replay starts once older records are gone.

In: a data directory, its worker running or not. Out: one file, whole and consistent, beside it its offset.
`verify_replay` folds the log anew from such a base (or from nothing) and compares with the live state.
"""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec

from onefold.backends.embedded.compare import Difference, compare_states
from onefold.backends.embedded.database import database_path
from onefold.backends.embedded.durable import sync
from onefold.backends.embedded.identity_rows import find_history
from onefold.backends.embedded.state import EmbeddedState
from onefold.errors import StorageError
from onefold.log.log import LogReader
from onefold.pipeline.replay import ReplayProgress, replay
from onefold.pipeline.segments import Compile
from onefold.pipeline.settings import WorkerSettings
from onefold.pipeline.store import Position
from onefold.unify.settings import UnifySettings

BASE_DIRECTORY = "base"
"""Where retention keeps its base snapshot, in the data directory."""


class Verdict(msgspec.Struct, frozen=True):
    """The end of a replay: where live stood, where the replay came to, what differs."""

    live: Position
    replayed: Position
    differences: tuple[Difference, ...]

    @property
    def is_equal(self) -> bool:
        """The replay reached the live offset and found the same."""
        return self.live.offset == self.replayed.offset and not self.differences


def snapshot(data_dir: Path, target: Path) -> Position:
    """Copy `state.db` as of its last commit to the file `target`; the worker goes on meanwhile.

    The file appears whole or not at all. Costs one read of the state, and disk of its size.

    Raises:
        StorageError: it cannot be read or written.
    """
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        connection = sqlite3.connect(f"file:{database_path(data_dir, 'state')}?mode=ro", uri=True)
        try:
            connection.execute("vacuum into ?", (str(unfinished),))
        finally:
            connection.close()
        position = position_of(unfinished)
        sync(unfinished)
        unfinished.rename(target)
    except (sqlite3.Error, OSError) as error:
        unfinished.unlink(missing_ok=True)
        raise StorageError(
            "storage.cannot_snapshot", f"The state cannot be copied: {error}.", hint="Is the disk full?"
        ) from error
    return position


def position_of(state_file: Path) -> Position:
    """The offset and clock at which a state file stands."""
    connection = sqlite3.connect(f"file:{state_file}?mode=ro", uri=True)
    try:
        meta = dict(connection.execute("select name, value from meta").fetchall())
    finally:
        connection.close()
    return Position(meta.get("offset", 0), meta.get("clock", 0), meta.get("next_profile_id", 1))


def verify_replay(
    data_dir: Path,
    log: LogReader,
    target_dir: Path,
    compile_segments: Compile,
    *,
    base: Path | None = None,
    unify: UnifySettings,
    settings: WorkerSettings | None = None,
    progress: Callable[[ReplayProgress], None] = lambda _: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Verdict:
    """Fold the log into a fresh state in `target_dir` (an empty directory) and compare it with the live one.

    The live state is compared as it stands now; its worker may go on. The fresh state stays in `target_dir`.
    Until a record says otherwise it is folded by the rules of identity that live began with.

    Raises:
        StorageError: no room, or the log does not reach back to the base.
    """
    target_dir.mkdir(parents=True, exist_ok=True)
    live_file = target_dir / "live.db"
    live = snapshot(data_dir, live_file)
    fresh_file = database_path(target_dir, "state")
    if base is not None:
        shutil.copyfile(base, fresh_file)
    store = EmbeddedState(target_dir)
    try:
        replayed = replay(
            log,
            store,
            compile_segments,
            until=live.offset,
            unify=_as_live_began(live_file, unify),
            settings=settings,
            progress=progress,
            is_cancelled=is_cancelled,
        )
    finally:
        store.close()
    differences = compare_states(live_file, fresh_file) if replayed.offset == live.offset else []
    live_file.unlink()
    return Verdict(live, replayed, tuple(differences))


def _as_live_began(state_file: Path, unify: UnifySettings) -> UnifySettings:
    """The server's settings may be others by now than before the workspace set rules of its own."""
    connection = sqlite3.connect(f"file:{state_file}?mode=ro", uri=True)
    try:
        history = find_history(connection)
    finally:
        connection.close()
    return msgspec.structs.replace(unify, **msgspec.structs.asdict(history[0].rules)) if history else unify
