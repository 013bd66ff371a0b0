"""An event in a URL, for mails and pages without scripts.

In: a query string. Out: the JSON of one event. Segment's form carries all in `data` (base64 of JSON);
Rudder's one parameter a field, dotted for what lies deeper (`properties.price=3`).
"""

import base64
import binascii
import uuid
from urllib.parse import parse_qsl

import msgspec

from onefold.capture.refusal import RequestRefused
from onefold.model.json import JsonObject

DEPTH_MAX = 8
"""Dots in a parameter's name that count."""
PARAMETERS_MAX = 200
"""More than any pixel has; bounds the work for a hostile one."""


def event_of(query: bytes) -> bytes:
    """The event of a pixel's query, as JSON.

    Raises:
        RequestRefused: it cannot be read (400).
    """
    try:
        parameters = parse_qsl(query.decode("utf-8"), keep_blank_values=True, max_num_fields=PARAMETERS_MAX)
    except ValueError as error:
        raise _unreadable() from error
    fields = dict(parameters)
    event: JsonObject = {}
    if "data" in fields:
        event = _decoded(fields["data"])
    else:
        for name, value in fields.items():
            _set(event, name.split(".", DEPTH_MAX), value)
    # Nobody resends a pixel: two equal ones are two openings, so no id is derived from their content.
    if not event.get("messageId"):
        event["messageId"] = f"pixel-{uuid.uuid4()}"
    return msgspec.json.encode(event)


def _decoded(data: str) -> JsonObject:
    # A plus in a query is a space once it is parsed; padding is often left out.
    text = data.replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        return msgspec.json.decode(raw, type=JsonObject)
    except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable() from error


def _set(event: JsonObject, path: list[str], value: str) -> None:
    for name in path[:-1]:
        inner = event.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        event = inner
    event[path[-1]] = value


def _unreadable() -> RequestRefused:
    return RequestRefused(
        400,
        "capture.invalid_pixel",
        "The pixel's query cannot be read.",
        "Send data=base64(JSON), or one parameter a field.",
        field="data",
    )
