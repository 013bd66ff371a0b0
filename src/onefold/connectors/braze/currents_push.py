"""The batches of Braze's "Custom Currents Export": events that it posts as they happen.

In: a body, `{"events": [{"event_type", "id", "time", "user", "properties"}]}`. Out: an item an event. Fields
that nobody knew are taken along, wherever they stand.
"""

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from onefold.connectors.braze.currents_event import bad_event, translate
from onefold.model.json import JsonObject
from onefold.plugin.feedback import BadItem, Item


class _Batch(msgspec.Struct):
    events: list[Raw] | None = None


class _Pushed(msgspec.Struct):
    event_type: str
    id: str | int | None = None
    time: int | float | None = None
    user: JsonObject | None = None
    properties: JsonObject | None = None


_batch = msgspec.json.Decoder(_Batch)
_pushed = msgspec.json.Decoder(_Pushed)
EMPTY = b"{}"
FAULTS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read_push(body: bytes) -> Sequence[Item] | BadItem:
    """The events of a body; a body without any, or without a byte, is a batch of none."""
    if not body.strip():
        return []
    try:
        body.decode()
        events = _batch.decode(body).events
    except FAULTS as error:
        return bad_event("", f"The body is no batch of Braze: {str(error)[:200]}.", body)
    if events is None and body.strip() != EMPTY:
        return bad_event("events", "The body has no list of events.", body)
    return [_read(raw) for raw in events or ()]


def _read(raw: Raw) -> Item:
    try:
        pushed = _pushed.decode(raw)
    except FAULTS as error:
        return bad_event("", f"The event cannot be read: {str(error)[:200]}.", bytes(raw))
    fields = {**(pushed.properties or {}), **(pushed.user or {}), "id": pushed.id, "time": pushed.time}
    return translate(pushed.event_type, fields)
