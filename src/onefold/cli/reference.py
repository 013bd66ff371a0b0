"""docs/reference/cli.md from the commands themselves: `python -m onefold.cli.reference FILE`.

A test fails when the page is not what this gives.
"""

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from onefold.cli.application import application
from onefold.cli.reach import OPTIONS
from onefold.runtime.exit_code import ExitCode

HEAD = """\
# Commands

`onefold COMMAND --help` says the same about one command. Without a server the commands work on the data
directory themselves, under its lock; what they cause is worked off before they end, and only deliveries
wait for a server. Long work shows its progress, and Ctrl-C cancels it.

## Options of every command on a workspace

{options}

`--json` prints one document on standard output, in the shape of the API. Messages, hints and progress go to
standard error. An error says what happened, what to do, and its [code](errors.md).

## Exit codes

| Code | Means |
|---|---|
{codes}
"""
EXIT_CODES = {
    ExitCode.OK: "Done.",
    ExitCode.FAILED: "It could not be done, or something is down or differs; the message says what.",
    ExitCode.USAGE: "The command line, a file given to it, the settings, or the secret key is wrong. "
    "Of `config plan --check`: the workspace differs from the files.",
    ExitCode.NOT_FOUND: "What was named is not there.",
    ExitCode.UNAVAILABLE: "No server answers, or there is no workspace in the directory.",
    ExitCode.REFUSED: "The server refused what was given.",
    ExitCode.NOT_ALLOWED: "The token is missing or wrong.",
    ExitCode.LOCKED: "Another process holds the data directory.",
    ExitCode.INTERRUPTED: "Ctrl-C.",
}


def cli_reference() -> str:
    """The page, in Markdown."""
    root = typer.main.get_command(application)
    common = _common(root)
    codes = "\n".join(f"| {int(code)} | {meaning} |" for code, meaning in EXIT_CODES.items())
    parts = [HEAD.format(options=common, codes=codes)]
    for path, command in _walk(root, ("onefold",)):
        parts.append(_section(path, command))
    return "\n".join(parts)


def _walk(group: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from _walk(command, (*path, name))


def _section(path: tuple[str, ...], command: Any) -> str:
    is_group = hasattr(command, "commands")
    level = "##" if len(path) == 2 else "###"
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    words = " ".join([*path, *map(_usage, arguments)])
    text = inspect.cleandoc(command.help or "").replace("\b", "")
    lines = [f"{level} {' '.join(path)}\n", text, ""]
    if is_group:
        return "\n".join(lines)
    lines.insert(1, f"    {words} [options]\n" if _own_options(command) else f"    {words}\n")
    rows = [f"| `{_usage(param)}` | {_words(param)} |" for param in arguments]
    rows += [f"| {_option(param)} | {_words(param)} |" for param in _own_options(command)]
    if rows:
        lines += ["| | |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _own_options(command: Any) -> list[Any]:
    return [
        param
        for param in command.params
        if param.param_type_name == "option" and param.name not in OPTIONS and param.name != "help"
    ]


def _common(root: Any) -> str:
    listing = root.commands["sources"].commands["list"]
    rows = [f"| {_option(param)} | {_words(param)} |" for param in listing.params if param.name in OPTIONS]
    return "\n".join(["| | |", "|---|---|", *rows])


def _usage(param: Any) -> str:
    name = (param.metavar or param.name.upper()).strip("[]")
    return name if param.required else f"[{name}]"


def _option(param: Any) -> str:
    names = ", ".join(f"`{name}`" for name in sorted(param.opts, key=len, reverse=True))
    if param.is_flag:
        return names
    return f"{names} {param.metavar}"


def _words(param: Any) -> str:
    text = str(param.help or "").replace("|", "\\|").rstrip(".")
    default = param.default
    shown = getattr(default, "value", default)
    if shown not in (None, "", False, (), []) and not callable(shown) and not param.required:
        text += f" (default: {shown})"
    if param.required and param.param_type_name == "option":
        text += " (required)"
    if getattr(param, "envvar", None):
        text += f" (environment: `{param.envvar}`)"
    return text + "."


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(cli_reference(), encoding="utf-8")
