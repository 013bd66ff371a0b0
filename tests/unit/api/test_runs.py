"""Runs of the tasks role by the API and by commands."""

import sys
from pathlib import Path

import pytest

from onefold.cli import main
from onefold.runtime.client import open_client

RUNS = "/api/v1/runs"


def test_a_fill_says_the_name_that_its_segment_has_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    condition = {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}
    with open_client(tmp_path, create=True) as api:
        for name in ("Gold", "Silver"):
            made = api.post("/api/v1/segments", json={"name": name, "condition": condition})
            assert made.status_code == 201, made.text
        assert api.patch("/api/v1/segments/Gold", json={"name": "VIPs"}).status_code == 200
        assert api.delete("/api/v1/segments/Silver").status_code == 204
        found = api.get(RUNS, params={"kind": "segment_fill"}).json()["items"]
        told = [(one["subject"], one["segment"]) for one in found]
        assert told == [("segment 2", ""), ("segment 1", "VIPs")]
        assert api.get(f"{RUNS}/{found[1]['id']}").json() == found[1]
    monkeypatch.setenv("ONEFOLD_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["onefold", "runs", "list", "--kind", "segment_fill"])
    assert main() == 0
    sys.stdout.flush()
    shown = capfd.readouterr().out
    assert "VIPs" in shown
    assert "segment 2" in shown
