"""Goals by command."""

import re

import msgspec
import pytest

from onefold.api.connections import ConnectionChange, NewConnection
from onefold.api.goals import GoalChange, NewGoal
from onefold.cli import connections, goals


@pytest.mark.parametrize(
    ("file", "body"),
    [
        (goals.File, NewGoal),
        (goals.ChangeFile, GoalChange),
        (connections.File, NewConnection),
        (connections.ChangeFile, ConnectionChange),
    ],
)
def test_help_names_the_fields_that_a_file_may_have(file: object, body: type[msgspec.Struct]) -> None:
    (option,) = file.__metadata__  # type: ignore[attr-defined]
    (named,) = re.findall(r"{(.*)}", option.help)
    assert sorted(named.split(", ")) == sorted(set(body.__struct_fields__) - {"version"})
