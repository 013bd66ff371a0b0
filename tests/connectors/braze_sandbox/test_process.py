"""The child process: one line, a clean end, an end with its parent; equal seeds give equal ids."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from onefold.testing.sandbox import braze_sandbox, start_braze_sandbox

WAIT_S = 20.0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_cleanly_after_one_line(number: signal.Signals) -> None:
    sandbox = start_braze_sandbox()
    assert sandbox.track(attributes=[{"external_id": "u1"}]).status == 201
    os.kill(sandbox.pid, number)
    assert sandbox.process.wait(WAIT_S) == 0
    assert sandbox.process.stdout is not None
    assert sandbox.process.stdout.read() == ""
    sandbox.stop()


def test_child_dies_with_its_parent() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from onefold.testing.sandbox import start_braze_sandbox as start\n"
            "print(start().pid, flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    assert parent.stdin is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    parent.stdin.close()
    deadline = time.monotonic() + WAIT_S
    while _is_alive(child):
        assert time.monotonic() < deadline


def _is_alive(pid: int) -> bool:
    """Whether the process still runs; one that nobody has reaped yet has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_missing_key_and_bad_settings_do_not_start() -> None:
    for arguments in ([], ["--api-key", "k", "--settings", '{"no_such": 1}']):
        command = [sys.executable, "-m", "onefold.sandbox.braze", *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False)
        assert (ended.returncode, ended.stdout) == (2, "")


def test_equal_seeds_give_equal_ids() -> None:
    seen = []
    for _ in range(2):
        with braze_sandbox(seed=7, fixed_at="2026-01-01T00:00:00Z") as sandbox:
            sandbox.track(attributes=[{"external_id": "u1"}])
            sandbox.flush()
            seen.append(sandbox.user("u1"))
    assert seen[0] == seen[1]
    assert seen[0] is not None


def test_the_command_takes_its_settings_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"s3": {"bucket": "b", "access_key_id": "i", "secret_access_key": "s"}}')
    command = [sys.executable, "-m", "onefold", "braze-sandbox", "--port", "0", "--api-key", "k"]
    process = subprocess.Popen([*command, "--settings", f"@{file}"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().split()[-1]
    with urllib.request.urlopen(f"{url}/__sandbox/settings", timeout=WAIT_S) as answer:
        assert json.load(answer)["s3"]["bucket"] == "b"
    process.terminate()
    assert process.wait(WAIT_S) == 0
    process.stdout.close()


def test_a_missing_file_of_settings_has_a_code(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "onefold", "braze-sandbox", "--port", "0", "--api-key", "k"]
    command += ["--settings", f"@{tmp_path / 'none'}"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert ended.returncode != 0
    assert "cannot be read" in ended.stderr
