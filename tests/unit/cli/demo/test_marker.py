from pathlib import Path

import pytest

from onefold.cli.demo import marker
from onefold.errors import OnefoldError
from onefold.runtime.data_directory import DataDirectory


def test_a_new_directory_is_marked_and_the_shop_remembered(tmp_path: Path) -> None:
    root = tmp_path / "demo"
    assert marker.claim(root) == marker.Mark()
    mark = marker.Mark(shop=marker.Shop(began=5, sent=7, history_days=3))
    marker.write(root, mark)
    assert marker.claim(root) == mark


def test_a_directory_that_the_demo_did_not_make_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    for touch in (marker.claim, marker.remove):
        with pytest.raises(OnefoldError) as refused:
            touch(tmp_path)
        assert refused.value.code == "demo.not_ours"
    assert (tmp_path / "letters.txt").read_text() == "mine"


def test_a_damaged_mark_is_none(tmp_path: Path) -> None:
    (tmp_path / marker.MARKER).write_text("{")
    with pytest.raises(OnefoldError, match="did not make"):
        marker.remove(tmp_path)
    assert tmp_path.exists()


def test_reset_removes_what_the_demo_made(tmp_path: Path) -> None:
    root = tmp_path / "demo"
    marker.claim(root)
    assert marker.remove(root) is True
    assert not root.exists()
    assert marker.remove(root) is False


def test_reset_waits_for_nobody_who_uses_the_directory(tmp_path: Path) -> None:
    root = tmp_path / "demo"
    marker.claim(root)
    lock = DataDirectory(root).lock()
    try:
        with pytest.raises(OnefoldError) as refused:
            marker.remove(root)
        assert refused.value.code == "runtime.locked"
        assert root.exists()
    finally:
        lock.release()
