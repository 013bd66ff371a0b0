"""The tours of the README and of the first steps, pasted as a new user would, against real processes.

A line that starts a server goes to a process of its own, the rest of the `sh` blocks to one shell. A `text`
block is what the block before must print: each of its lines stands in one line of the output, gaps of any
width; `…` stands for anything. A `python` block is saved as the file that the text before it names.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from onefold.testing.ports import free_port

ROOT = Path(__file__).parents[2]
TOURS = {
    "README": (ROOT / "README.md", "## Five minutes with your own events"),
    "start": (ROOT / "docs" / "start.md", "## Install"),
}
PORTS = (8400, 8401)
PROGRAMS = Path(sys.executable).parent
BLOCK = re.compile(r"^```(sh|text|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SAVED_AS = re.compile(r"`([a-z]+\.py)`[^`]*\Z")
SERVERS = ("onefold serve", "onefold braze-sandbox")
LOOKS = re.compile(
    r"^(onefold (profiles|trace|dead-letters list|connections goals list|sources list)|curl http)"
)
"""Commands that change nothing: run again until the text is true, as a reader is slower than a delivery."""
TRUE_S = 20.0
START_S = 40.0
END = "-- end of the block --"

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(not shutil.which("curl"), reason="the tours need curl"),
]


class Step:
    """A block to run and what it must print."""

    def __init__(self, script: str, *, language: str = "sh", file: str = "") -> None:
        self.script = script
        self.language = language
        self.file = file
        self.promised: list[str] = []


def read_steps(page: Path, heading: str) -> list[Step]:
    text = page.read_text(encoding="utf-8").partition(heading)[2]
    text = re.split(r"^## What it promises", text, flags=re.MULTILINE)[0]
    steps: list[Step] = []
    for found in BLOCK.finditer(text):
        language, body = found.groups()
        if language == "text":
            steps[-1].promised += body.splitlines()
        elif language == "python":
            named = SAVED_AS.search(text[: found.start()])
            assert named, "a script without a name"
            steps.append(Step(body, language=language, file=named[1]))
        else:
            steps.append(Step(body))
    return steps


def is_promised(line: str, output: str) -> bool:
    parts = (r"\s+".join(map(re.escape, part.split())) for part in line.split("…"))
    return re.search(".*".join(parts), output) is not None


class Terminal:
    """A shell in which one block after the other is pasted."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._output = (folder / "terminal.out").open("w+b")
        self._shell = subprocess.Popen(
            ["bash", "--norc"],
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
        )

    def paste(self, script: str) -> str:
        start = self._output.seek(0, os.SEEK_END)
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{script}\necho; echo '{END}'\n".encode())
        self._shell.stdin.flush()
        end = time.monotonic() + START_S
        while True:
            self._output.seek(start)
            text = self._output.read().decode()
            if f"{END}\n" in text:
                return text.partition(END)[0]
            assert self._shell.poll() is None, f"the shell ended: {text}"
            assert time.monotonic() < end, f"{script} does not end: {text}"
            time.sleep(0.02)

    def close(self) -> None:
        assert self._shell.stdin is not None
        self._shell.stdin.close()
        self._shell.wait(timeout=START_S)
        self._output.close()


class Tour:
    """One reader with some terminals, in a folder of their own, with ports that are free."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = {port: free_port() for port in PORTS}
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ONEFOLD_")},
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            "ONEFOLD_DATA_DIR": str(folder / "shop"),
            "COLUMNS": "200",
            "NO_COLOR": "1",
            "TERM": "dumb",
        }
        self._terminal = Terminal(folder, self._environment)
        self._servers: list[subprocess.Popen[bytes]] = []

    def follow(self, step: Step) -> None:
        if step.language == "python":
            (self._folder / step.file).write_text(self._here(step.script), encoding="utf-8")
            return
        lines = [line for line in step.script.splitlines() if not line.startswith(("make ", "export PATH"))]
        served = [line for line in lines if line.startswith(SERVERS)]
        for line in served:
            self._serve(self._here(line).removesuffix("&").split())
        script = self._here("\n".join(line for line in lines if line not in served))
        if script:
            self._check(script, [self._here(line) for line in step.promised])

    def _check(self, script: str, promised: list[str]) -> None:
        end = time.monotonic() + TRUE_S
        while True:
            output = self._terminal.paste(script)
            missing = [line for line in promised if not is_promised(line, output)]
            if not missing:
                assert "Error:" not in output, output
                return
            assert LOOKS.match(script), f"{script}\n\nprinted\n{output}\nwithout {missing}"
            assert time.monotonic() < end, f"{script}\n\nprinted\n{output}\nwithout {missing}"
            time.sleep(0.1)

    def _here(self, text: str) -> str:
        for port, ours in self._ports.items():
            text = text.replace(str(port), str(ours))
        return text

    def _serve(self, command: list[str]) -> None:
        with (self._folder / "servers.out").open("ab") as output:
            server = subprocess.Popen(
                command, stdout=output, stderr=output, cwd=self._folder, env=self._environment
            )
        self._servers.append(server)
        port = int(command[command.index("--port") + 1])
        path = "/readyz" if "serve" in command else "/"
        end = time.monotonic() + START_S
        while not answers(port, path):
            said = (self._folder / "servers.out").read_text()
            assert server.poll() is None, said
            assert time.monotonic() < end, said
            time.sleep(0.05)

    def end(self) -> None:
        self._terminal.close()
        for server in self._servers:
            server.send_signal(signal.SIGTERM)
        for server in self._servers:
            assert server.wait(timeout=START_S) in (0, -signal.SIGTERM, 130, 143)


def answers(port: int, path: str) -> bool:
    asked = ["curl", "-sf", "-o", os.devnull, f"http://127.0.0.1:{port}{path}"]
    return subprocess.run(asked, check=False).returncode == 0


@pytest.fixture
def tour(tmp_path: Path) -> Iterator[Tour]:
    reader = Tour(tmp_path)
    yield reader
    reader.end()


@pytest.mark.parametrize("name", list(TOURS))
def test_what_the_text_promises_happens_when_its_blocks_are_pasted(name: str, tour: Tour) -> None:
    steps = read_steps(*TOURS[name])
    assert sum(bool(step.promised) for step in steps) >= 8
    for step in steps:
        tour.follow(step)
