"""Commands as a person gives them, in this process, on a workspace without a server."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from onefold.cli import main


class Answer(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Answer]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs `onefold` with these words."""

    def run_words(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["onefold", *map(str, words)])
        capfd.readouterr()
        code = main()
        sys.stdout.flush()
        return Answer(code, *capfd.readouterr())

    return run_words


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory that the commands take unless they are told another."""
    for name in ("ONEFOLD_URL", "ONEFOLD_TOKEN", "ONEFOLD_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ONEFOLD_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"
