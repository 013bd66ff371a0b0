"""POST /users/track: checks up to 75 objects, answers at once, and applies what was valid later."""

from __future__ import annotations

from typing import cast

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, ItemError, refuse
from onefold.sandbox.braze.apply import Change
from onefold.sandbox.braze.attributes import CheckedAttributes, check_attributes
from onefold.sandbox.braze.events import (
    PROPERTY_BYTES_MAX,
    CheckedEvent,
    CheckedPurchase,
    Dropped,
    check_event,
    check_purchase,
    is_too_large,
)
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.workspace import Workspace

OBJECTS_MAX = 75
ARRAYS = ("attributes", "events", "purchases")


class Batch:
    """What one request brought, sorted into accepted and refused."""

    def __init__(self) -> None:
        self.attributes: list[CheckedAttributes] = []
        self.events: list[CheckedEvent] = []
        self.purchases: list[CheckedPurchase] = []
        self.errors: list[ItemError] = []
        self.dropped = 0

    def accepted(self) -> int:
        """How many objects will be applied."""
        return len(self.attributes) + len(self.events) + len(self.purchases)


def track(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Answer 201 with counts and errors, or 400 when nothing was valid."""
    arrays = read_arrays(body)
    if arrays is None:
        return refuse(400, texts.NO_VALID_DATA)
    if _is_over_limit(workspace.settings.batch_limit, arrays):
        return refuse(400, texts.MAX_INPUT)
    return take(workspace, arrays, entry)


def read_arrays(body: JsonObject) -> dict[str, list[object]] | None:
    """Return the arrays that are present, or None when one is something else."""
    arrays: dict[str, list[object]] = {}
    for name in ARRAYS:
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, list):
            return None
        arrays[name] = value
    return arrays


def take(workspace: Workspace, arrays: dict[str, list[object]], entry: Entry) -> Answer:
    """Check arrays whose number of objects is allowed, and queue what is valid."""
    batch = check(workspace, arrays, len(entry.body) > PROPERTY_BYTES_MAX)
    accepted = batch.accepted()
    workspace.totals.objects_refused += len(batch.errors)
    if accepted == 0 and batch.dropped == 0:
        return refuse(400, texts.NO_VALID_DATA, batch.errors)
    entry.objects = accepted
    workspace.totals.note_objects(accepted, workspace.clock.now())
    workspace.submit(lambda: Change(workspace, entry).apply(batch.attributes, batch.events, batch.purchases))
    return _answer(arrays, batch)


def _is_over_limit(batch_limit: str, arrays: dict[str, list[object]]) -> bool:
    if batch_limit == "per_array_75":
        return any(len(items) > OBJECTS_MAX for items in arrays.values())
    return sum(len(items) for items in arrays.values()) > OBJECTS_MAX


def check(workspace: Workspace, arrays: dict[str, list[object]], may_be_large: bool) -> Batch:
    """Sort objects into accepted and refused."""
    settings, now, batch = workspace.settings, workspace.clock.now(), Batch()
    for index, item in enumerate(arrays.get("attributes", ())):
        fields = check_attributes(item, settings)
        if isinstance(fields, str):
            batch.errors.append(ItemError(fields, "attributes", index))
        else:
            batch.attributes.append(fields)
    for index, item in enumerate(arrays.get("events", ())):
        event = check_event(item, settings, now)
        if isinstance(event, str):
            batch.errors.append(ItemError(event, "events", index))
        elif type(event) is Dropped:
            batch.dropped += 1
            batch.errors.append(ItemError(event.reason, "events", index))
        elif may_be_large and is_too_large(cast(CheckedEvent, event).properties):
            batch.errors.append(ItemError(texts.PROPERTIES_TOO_LARGE, "events", index))
        else:
            batch.events.append(cast(CheckedEvent, event))
    for index, item in enumerate(arrays.get("purchases", ())):
        purchase = check_purchase(item, settings, now)
        if isinstance(purchase, str):
            batch.errors.append(ItemError(purchase, "purchases", index))
        elif may_be_large and is_too_large(purchase.properties):
            batch.errors.append(ItemError(texts.PROPERTIES_TOO_LARGE, "purchases", index))
        else:
            batch.purchases.append(purchase)
    return batch


def _answer(arrays: dict[str, list[object]], batch: Batch) -> Answer:
    payload: JsonObject = {"message": texts.SUCCESS}
    counts = (len(batch.attributes), len(batch.events), len(batch.purchases))
    for name, count in zip(ARRAYS, counts, strict=True):
        if name in arrays:
            payload[f"{name}_processed"] = count
    if batch.errors:
        payload["errors"] = [error.view() for error in batch.errors]
    return Answer(201, payload)
