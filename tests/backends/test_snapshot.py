"""A replay of the real log equals the live state, from nothing and from a base; a backup comes back whole."""

import stat
from pathlib import Path

import msgspec
import pytest

from onefold.backends.embedded.backup import backup, restore, verify
from onefold.backends.embedded.compare import compare_states
from onefold.backends.embedded.log import EmbeddedLog, EmbeddedLogReader
from onefold.backends.embedded.snapshot import snapshot, verify_replay
from onefold.backends.embedded.state import EmbeddedState
from onefold.clock import HOUR, MINUTE
from onefold.errors import StorageError
from onefold.log.retention import Retention
from onefold.model.identity_rules import IdentityRules
from onefold.model.record import Record
from onefold.model.segment import SegmentFill
from onefold.pipeline.replay import ReplayProgress
from onefold.pipeline.settings import WorkerSettings
from onefold.pipeline.worker import Worker
from onefold.segment.evaluator import compile_segments
from onefold.testing.fold import (
    START,
    events_record,
    fill_segment,
    make_event,
    put_identity,
    put_segment,
    tick,
)
from onefold.unify.settings import UnifySettings

BOUGHT = {"kind": "event", "event": "Bought", "window": {"kind": "last", "amount": 2, "unit": "hours"}}


def shop(first: int, count: int) -> list[Record]:
    """People buying on shared devices, with ticks between."""
    records = []
    for number in range(first, first + count):
        at = START + number * 7 * MINUTE
        records.append(
            events_record(
                make_event(
                    f"m{number}", event="Bought", user_id=f"u{number % 5}", anonymous_id=f"a{number % 3}"
                ),
                make_event(f"n{number}", "identify", anonymous_id=f"a{number % 4}", traits={"n": number}),
                at=at,
            )
        )
        records.append(tick(at + MINUTE))
    return records


class Shop:
    """A data directory with its real log and state."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = EmbeddedLog(directory)
        self.state = EmbeddedState(directory)
        self.log.append([put_segment(1, BOUGHT), fill_segment(SegmentFill(1, 1, 1, 0, done=True))])

    def go(self, first: int, count: int) -> None:
        self.log.append(shop(first, count))
        worker = Worker(self.log, self.state, compile_segments, settings=WorkerSettings(batch_events_max=7))
        while worker.step():
            pass

    def close(self) -> None:
        self.state.close()
        self.log.close()


@pytest.fixture
def busy(tmp_path: Path) -> Shop:
    (tmp_path / "data").mkdir()
    made = Shop(tmp_path / "data")
    made.go(0, 60)
    return made


def test_a_replay_equals_a_state_that_has_let_old_rows_go(busy: Shop, tmp_path: Path) -> None:
    def rows(table: str) -> int:
        return int(busy.state._connection.execute(f"select count(*) from {table}").fetchone()[0])

    later = 3000
    busy.go(later, 5)
    busy.state._kept = Retention(link_days=1, membership_log_days=1)
    tables = ("counter", "link", "membership_log")
    before = [rows(table) for table in tables]
    while busy.state.retire(1, START + later * 7 * MINUTE):
        pass
    assert all(rows(table) < count for table, count in zip(tables, before, strict=True))
    verdict = verify_replay(
        busy.directory, busy.log, tmp_path / "again", compile_segments, unify=UnifySettings()
    )
    assert verdict.is_equal, verdict.differences


def test_a_replay_equals_the_live_state_ticks_included(busy: Shop, tmp_path: Path) -> None:
    seen: list[ReplayProgress] = []
    verdict = verify_replay(
        busy.directory,
        busy.log,
        tmp_path / "again",
        compile_segments,
        unify=UnifySettings(),
        progress=seen.append,
    )
    assert verdict.is_equal, verdict.differences
    assert verdict.replayed.offset == busy.log.end()
    assert seen[-1].offset == seen[-1].until
    busy.close()


def test_a_replay_from_a_base_needs_only_the_rest(busy: Shop, tmp_path: Path) -> None:
    base = tmp_path / "base.db"
    position = snapshot(busy.directory, base)
    busy.go(60, 30)
    busy.log.trim(position.offset + 1)
    verdict = verify_replay(
        busy.directory, busy.log, tmp_path / "again", compile_segments, base=base, unify=UnifySettings()
    )
    assert verdict.is_equal, verdict.differences
    with pytest.raises(StorageError, match="The log begins at"):
        verify_replay(busy.directory, busy.log, tmp_path / "none", compile_segments, unify=UnifySettings())
    busy.close()


def test_a_replay_folds_each_event_by_the_rules_that_held_at_its_place(busy: Shop, tmp_path: Path) -> None:
    base = tmp_path / "base.db"
    busy.log.append([put_identity(IdentityRules(currency="EUR", trait_identifiers={"plan": "contract"}))])
    busy.go(60, 30)
    position = snapshot(busy.directory, base)
    busy.log.append([put_identity(IdentityRules(blocked_values=("u1", "a1")), version=2)])
    busy.go(90, 30)
    # By now the server says something else, of what held before the first record, too.
    unify = UnifySettings(currency="JPY", blocked_values=("u2",))
    whole = verify_replay(busy.directory, busy.log, tmp_path / "whole", compile_segments, unify=unify)
    assert whole.is_equal, whole.differences
    busy.log.trim(position.offset + 1)
    rest = verify_replay(
        busy.directory, busy.log, tmp_path / "rest", compile_segments, base=base, unify=unify
    )
    assert rest.is_equal, rest.differences
    busy.close()


def test_a_cancelled_replay_is_not_called_equal(busy: Shop, tmp_path: Path) -> None:
    verdict = verify_replay(
        busy.directory,
        busy.log,
        tmp_path / "again",
        compile_segments,
        unify=UnifySettings(),
        settings=WorkerSettings(batch_events_max=5),
        is_cancelled=iter([False, False, True]).__next__,
    )
    assert not verdict.is_equal
    busy.close()


def test_profiles_stored_before_there_was_a_piece_are_no_difference(busy: Shop, tmp_path: Path) -> None:
    connection = busy.state._connection
    for profile_id, body in connection.execute("select id, body from profile").fetchall():
        older = msgspec.msgpack.encode(msgspec.msgpack.decode(body)[:-1])
        connection.execute("update profile set body = ? where id = ?", (older, profile_id))
    verdict = verify_replay(
        busy.directory, busy.log, tmp_path / "again", compile_segments, unify=UnifySettings()
    )
    assert verdict.is_equal, verdict.differences
    busy.close()


def test_a_difference_is_found_and_named(busy: Shop, tmp_path: Path) -> None:
    one, other = tmp_path / "one.db", tmp_path / "other.db"
    snapshot(busy.directory, one)
    busy.state._connection.execute("update event_total set count = count + 1 where event = 'Bought'")
    busy.state._connection.execute("delete from identifier where key = 'user_id:u1'")
    snapshot(busy.directory, other)
    assert {difference.table for difference in compare_states(one, other)} == {"event_total", "identifier"}
    busy.close()


def test_a_backup_while_working_comes_back_and_catches_up(busy: Shop, tmp_path: Path) -> None:
    (busy.directory / "secret.key").write_text("k")
    manifest = backup(busy.directory, tmp_path / "backup")
    assert "secret.key" not in {file.path for file in manifest.files}
    busy.go(60, 30)
    restored = tmp_path / "restored"
    restore(tmp_path / "backup", restored)
    log, state = EmbeddedLog(restored), EmbeddedState(restored)
    assert state.load()[0].offset <= log.end()
    log.append(shop(60, 30))
    worker = Worker(log, state, compile_segments)
    while worker.step():
        pass
    state.close()
    log.close()
    assert compare_states(busy.directory / "state.db", restored / "state.db") == []
    busy.close()


def test_a_state_is_never_ahead_of_its_log_in_a_backup(busy: Shop, tmp_path: Path) -> None:
    names = []

    def go_on(name: str) -> None:
        names.append(name)
        if name == "state.db":
            busy.go(60, 10)

    backup(busy.directory, tmp_path / "backup", progress=go_on)
    assert names == ["state.db", "log.db"]
    copied = EmbeddedLogReader(tmp_path / "backup")
    assert copied.end() == busy.log.end()
    copied.close()
    busy.close()


@pytest.mark.parametrize("damage", ["changed", "missing", "no manifest", "outside"])
def test_a_damaged_backup_is_refused(busy: Shop, tmp_path: Path, damage: str) -> None:
    target = tmp_path / "backup"
    backup(busy.directory, target)
    busy.close()
    state = target / "state.db"
    if damage == "changed":
        content = bytearray(state.read_bytes())
        content[5000] ^= 1
        state.write_bytes(content)
    elif damage == "missing":
        state.unlink()
    elif damage == "outside":
        manifest = target / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"state.db"', '"../data/state.db"'))
    else:
        (target / "manifest.json").unlink()
    with pytest.raises(StorageError, match="backup"):
        restore(target, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def test_nothing_is_ever_overwritten(busy: Shop, tmp_path: Path) -> None:
    backup(busy.directory, tmp_path / "backup", keys=["secret.key"])
    with pytest.raises(StorageError, match="not empty"):
        backup(busy.directory, tmp_path / "backup")
    with pytest.raises(StorageError, match="not empty"):
        restore(tmp_path / "backup", busy.directory)
    assert verify(tmp_path / "backup").files
    busy.close()


def test_a_file_is_no_place_for_a_backup(busy: Shop, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for target in (file, file / "below"):
        with pytest.raises(StorageError) as raised:
            backup(busy.directory, target)
        assert raised.value.code == "backup.bad_target"
    assert file.read_text() == "mine"
    busy.close()


def test_the_files_of_a_workspace_are_their_owners_alone(busy: Shop) -> None:
    """Also where the directory was there before and lets others in."""
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in busy.directory.glob("*.db*")}
    busy.close()
    assert modes
    assert set(modes.values()) == {0o600}, modes


def test_a_hundred_hours_of_windows_end_by_ticks_alone(busy: Shop, tmp_path: Path) -> None:
    busy.log.append([tick(START + hour * HOUR) for hour in range(10, 110)])
    busy.go(1000, 0)
    verdict = verify_replay(
        busy.directory, busy.log, tmp_path / "again", compile_segments, unify=UnifySettings()
    )
    assert verdict.is_equal, verdict.differences
    assert busy.state.members(1, 10) == []
    busy.close()
