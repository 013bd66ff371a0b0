"""What Braze answered, taken apart: one outcome a parcel, and the words that are kept of it.

Braze names bad objects by array and index in the body that we sent; the index map leads each back to its
parcel. A whole 400 without such a list means that nothing was taken and that the culprit is unknown.
"""

from collections.abc import Mapping

import msgspec

from onefold.connectors.braze.permissions import TRACK, raise_for_setup
from onefold.errors import TransientError
from onefold.model.json import JsonValue
from onefold.model.outcome import Kind, Outcome, rejected
from onefold.plugin import RequestRefusedError
from onefold.plugin.http import Answer

IDENTIFIERS_ARRAY = "user_identifiers"
"""What `input_array` calls the array of an identify request."""
ANSWER_CHARS_MAX = 5_000
"""Of an answer handed on with an item: more than any that Braze is known to give."""


def read_outcomes(answer: Answer, count: int, places: Mapping[str, list[int]]) -> list[Outcome]:
    """One outcome a parcel, of what Braze answered.

    Raises:
        SetupError, TransientError, RequestRefusedError: nothing was taken.
    """
    raise_for_setup(answer, TRACK)
    content = answer.json()
    # One for all: what passed is told of together, and kept for the few items that are looked at.
    outcomes = [Outcome(Kind.PASSED, answer=show(answer, content))] * count
    named = set[int]()
    for error in _errors(content):
        place = _place(error, places)
        if place is not None:
            named.add(place)
            outcomes[place] = rejected("activate.braze.item", _text(error), show(answer, error))
    if answer.status < 300:
        raise_without_success(content)
        return outcomes
    if len(named) == count:
        return outcomes
    raise refused(answer, content)


def raise_without_success(content: JsonValue) -> None:
    """See that a 2xx says so: a 201 with `{}` has been seen (action-destinations); any other message is a
    failure, and a page of a proxy in between is no answer at all.

    Raises:
        TransientError: it says something else.
    """
    if not isinstance(content, dict) or content.get("message", "") not in ("success", ""):
        raise TransientError(
            "activate.braze.message", "Braze did not say that it succeeded.", may_have_arrived=True
        )


def refused(answer: Answer, content: JsonValue) -> RequestRefusedError:
    """A request that was refused as a whole."""
    message = content.get("message", "") if isinstance(content, dict) else content
    words = f": {str(message)[:200]}" if message else ""
    return RequestRefusedError(
        "activate.braze.refused", f"Braze answered {answer.status}{words}", answer=show(answer, content)
    )


def show(answer: Answer, content: JsonValue) -> str:
    """The part of an answer that concerns an item, with the id that Braze's support asks for."""
    words = (
        msgspec.json.encode(content).decode() if content is not None else answer.body.decode(errors="replace")
    )
    request_id = f" (request {answer.request_id})" if answer.request_id else ""
    return f"{answer.status}{request_id} {words[:ANSWER_CHARS_MAX]}"


def _errors(content: JsonValue) -> list[JsonValue]:
    errors = content.get("errors") if isinstance(content, dict) else None
    return errors if isinstance(errors, list) else []


def _place(error: JsonValue, places: Mapping[str, list[int]]) -> int | None:
    """The parcel that an error speaks of; None for one that names none (Braze also sends bare texts)."""
    if not isinstance(error, dict):
        return None
    name = str(error.get("input_array"))
    found = next(iter(places.values())) if name == IDENTIFIERS_ARRAY else places.get(name)
    index = error.get("index")
    if found is None or not isinstance(index, int) or not 0 <= index < len(found):
        return None
    return found[index]


def _text(error: JsonValue) -> str:
    return str(error.get("type", ""))[:300] if isinstance(error, dict) else ""
