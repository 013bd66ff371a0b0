"""The answer of an endpoint: a status and a JSON object."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from onefold.sandbox.braze.identifiers import JsonObject

Item = TypeVar("Item")
Read = TypeVar("Read")


class Answer(NamedTuple):
    """What goes back to the caller; headers given here replace those of the same name."""

    status: int
    payload: JsonObject
    headers: tuple[tuple[bytes, bytes], ...] = ()


class ItemError(NamedTuple):
    """Why one object of an array was refused."""

    text: str
    input_array: str
    position: int

    def view(self) -> JsonObject:
        """Return the form in which Braze lists it."""
        return {"type": self.text, "input_array": self.input_array, "index": self.position}


def refuse(status: int, message: str, errors: list[ItemError] | None = None) -> Answer:
    """Return a fatal answer."""
    payload: JsonObject = {"message": message}
    if errors:
        payload["errors"] = [error.view() for error in errors]
    return Answer(status, payload)


def read_all(items: Iterable[Item], read: Callable[[Item], Read | str]) -> list[Read] | Answer:
    """Return what was read of each object, or the refusal for the first wrong one: one refuses them all."""
    found: list[Read] = []
    for item in items:
        one = read(item)
        if isinstance(one, str):
            return refuse(400, one)
        found.append(one)
    return found
