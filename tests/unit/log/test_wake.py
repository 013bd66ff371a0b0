"""Wake-ups between roles."""

from pathlib import Path

from onefold.log.wake import Sleeper, Waker


def test_a_wake_up_ends_the_sleep_once(tmp_path):
    sleeper, waker = Sleeper(tmp_path / "run" / "worker.sock"), Waker(tmp_path / "run" / "worker.sock")
    assert not sleeper.wait(0)
    waker.wake()
    waker.wake()
    assert sleeper.wait(5)
    assert not sleeper.wait(0)
    waker.close()
    sleeper.close()
    sleeper.close()


def test_waking_nobody_is_fine(tmp_path):
    waker = Waker(tmp_path / "nobody.sock")
    waker.wake()
    waker.close()


def test_a_flood_neither_blocks_nor_fails(tmp_path):
    path = tmp_path / "worker.sock"
    sleeper, waker = Sleeper(path), Waker(path)
    for _ in range(10_000):
        waker.wake()
    assert sleeper.wait(1)
    assert not sleeper.wait(0)
    waker.close()
    sleeper.close()


def test_a_stale_file_is_replaced_and_private(tmp_path):
    path = tmp_path / "worker.sock"
    path.touch()
    sleeper = Sleeper(path)
    assert path.is_socket()
    assert path.stat().st_mode & 0o777 == 0o600
    sleeper.close()
    assert not path.exists()


def test_a_path_longer_than_an_address_works(tmp_path):
    path: Path = tmp_path / ("x" * 120) / "worker.sock"
    sleeper, waker = Sleeper(path), Waker(path)
    waker.wake()
    assert sleeper.wait(5)
    waker.close()
    sleeper.close()
