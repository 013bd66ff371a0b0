"""Every `onefold` command that the prose shows exists, with the options that it shows."""

import functools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PROGRAM = Path(sys.executable).with_name("onefold")

FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(onefold [a-z][^`]*)`")
WORD = re.compile(r"[a-z][a-z-]*$")
HELP_TIMEOUT_S = 60


def shown_commands() -> Iterator[str]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in FENCE.findall(text):
            lines = block.replace("\\\n", " ").splitlines()
            yield from (line for line in lines if line.startswith("onefold "))
        yield from INLINE.findall(FENCE.sub("", text))


@functools.cache
def read_help(words: tuple[str, ...]) -> tuple[int, str]:
    # A wide page, so that no option is wrapped or cut short.
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}
    answer = subprocess.run(
        [str(PROGRAM), *words, "--help"],
        capture_output=True,
        text=True,
        check=False,
        timeout=HELP_TIMEOUT_S,
        env=environment,
    )
    return answer.returncode, answer.stdout


def is_group(text: str) -> bool:
    return "COMMAND [ARGS]" in text


def find_help(words: list[str]) -> str:
    """Go down the groups as far as words lead, and return the last help page."""
    path: tuple[str, ...] = ()
    code, text = read_help(path)
    for word in words:
        if not (is_group(text) and WORD.match(word)):
            break
        path = (*path, word)
        code, text = read_help(path)
        assert code == 0, f"there is no command `onefold {' '.join(path)}`"
    return text


COMMANDS = sorted(set(shown_commands()))


@pytest.mark.parametrize("line", COMMANDS)
def test_command_in_prose_exists_with_its_options(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    text = find_help(words)
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    assert [option for option in options if not re.search(rf"{option}\b", text)] == []
