"""Every `onefold` command that the prose shows exists, with the options that it shows."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from onefold.cli.application import application

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "docs", ROOT / "examples")
PAGES = [ROOT / "README.md", *sorted(page for folder in FOLDERS for page in folder.rglob("*.md"))]

FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(onefold [a-z][^`]*)`")
WORD = re.compile(r"[a-z][a-z-]*$")
HELP = {"-h", "--help"}


def shown_commands() -> Iterator[str]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in FENCE.findall(text):
            lines = block.replace("\\\n", " ").splitlines()
            yield from (line for line in lines if line.startswith("onefold "))
        yield from INLINE.findall(FENCE.sub("", text))


def find_command(words: list[str]) -> Any:
    """Go down the groups as far as words lead."""
    command: Any = typer.main.get_command(application)
    path = "onefold"
    for word in words:
        if not (hasattr(command, "commands") and WORD.match(word)):
            break
        path += f" {word}"
        assert word in command.commands, f"there is no command `{path}`"
        command = command.commands[word]
    return command


COMMANDS = sorted(set(shown_commands()))


@pytest.mark.parametrize("line", COMMANDS)
def test_command_in_prose_exists_with_its_options(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command = find_command(words)
    known = HELP | {option for parameter in command.params for option in parameter.opts}
    options = [word.partition("=")[0] for word in words if word.startswith("-") and word != "-"]
    assert [option for option in options if option not in known] == []


def test_the_prose_shows_commands() -> None:
    assert len(COMMANDS) > 50
