"""Runs by command."""

import inspect

from onefold.cli.runs import list_runs
from onefold.model.run import RunKind


def test_help_names_every_kind_of_run() -> None:
    (option,) = inspect.signature(list_runs).parameters["kind"].annotation.__metadata__
    named = option.help.removeprefix("Only ").removesuffix(".").replace(" or ", ", ").split(", ")
    assert sorted(name for name in named if name) == sorted(RunKind)
