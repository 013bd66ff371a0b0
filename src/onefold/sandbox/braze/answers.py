"""The answer of an endpoint: a status and a JSON object."""

from __future__ import annotations

from typing import NamedTuple

from onefold.sandbox.braze.identifiers import JsonObject


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
