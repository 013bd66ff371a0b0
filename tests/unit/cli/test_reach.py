import inspect
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from onefold.cli.reach import OPTIONS, Reach, reaching

Size = Annotated[int, typer.Option(help="How large.")]


class Shape(NamedTuple):
    size: Size = 1
    colour: str = "red"


def test_options_that_commands_share_stand_each_by_itself() -> None:
    told = []

    @reaching
    def paint(reach: Reach, *, name: str, shape: Shape, twice: bool = False) -> None:
        told.append((reach.url, name, shape, twice))

    parameters = inspect.signature(paint).parameters
    assert [*parameters] == ["name", "size", "colour", "twice", *OPTIONS]
    assert (parameters["size"].annotation, parameters["size"].default) == (Size, 1)
    common = {"data_dir": Path("data"), "url": "https://host", "token": "", "json": False, "verbose": False}
    paint(name="A", size=3, colour="blue", twice=True, **common)
    assert told == [("https://host", "A", Shape(3, "blue"), True)]
