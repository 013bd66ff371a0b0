"""Reading the built files."""

from pathlib import Path

import pytest

from onefold.errors import StorageError
from onefold.ui import files
from onefold.ui.files import read_static_files


def test_files_are_found_by_their_path_in_the_url(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a.js").write_text("1")
    (tmp_path / "index.html").write_text("2")
    assert set(read_static_files(tmp_path)) == {"/assets/a.js", "/index.html"}


def test_equal_bytes_have_equal_etags(tmp_path: Path) -> None:
    for name in ("a.js", "b.js"):
        (tmp_path / name).write_text("same")
    (tmp_path / "c.js").write_text("other")
    built = read_static_files(tmp_path)
    assert built["/a.js"].etag == built["/b.js"].etag != built["/c.js"].etag


def test_a_folder_that_cannot_be_the_page_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FILES_MAX", 2)
    for name in ("a", "b", "c"):
        (tmp_path / name).touch()
    with pytest.raises(StorageError, match=r"ui\.folder_too_large"):
        read_static_files(tmp_path)
