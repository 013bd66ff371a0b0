"""Delivering engagement events: Avro files in a bucket, or batches to a customer's server.

In: the waiting events. Out: files in the layout of the storage connector, or POSTs of up to a hundred events
with Braze's rules for answers. Source: Braze's pages "Event delivery semantics" and "Custom HTTP connector"
(July 2026). Delivery is at least once: faults send things twice.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import msgspec

from onefold.sandbox.braze.currents import CurrentsEvent
from onefold.sandbox.braze.currents_schema import avro_schema
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.places import Bucket
from onefold.sandbox.braze.settings import CurrentsSettings, S3Settings

if TYPE_CHECKING:
    from onefold.sandbox.braze.workspace import Workspace

BATCH_EVENTS_MAX = 100
CALL_TIMEOUT_S = 10.0
# Attempts before a batch is left for the next delivery, and the first pause, which doubles.
ATTEMPTS_MAX = 6
FIRST_PAUSE_S = 0.05
ADDED_FIELD = "added_by_a_later_version"
# Beyond the fields that stand under `user`, and `id` and `time`, everything is a property.
USER_FIELDS = ("user_id", "external_user_id", "device_id", "timezone")


async def deliver(workspace: Workspace) -> None:
    """Deliver what waits; what could not be delivered waits on."""
    currents, settings = workspace.currents, workspace.settings.currents
    if settings is None or currents.is_delivering or currents.is_paused:
        return
    currents.is_delivering = True
    try:
        if settings.kind == "bucket":
            await _write_files(workspace, settings)
        else:
            async with httpx.AsyncClient(timeout=CALL_TIMEOUT_S, trust_env=False) as client:
                await _push_all(workspace, settings, client)
    finally:
        currents.is_delivering = False
    currents.schedule()


async def _write_files(workspace: Workspace, settings: CurrentsSettings) -> None:
    s3, currents = workspace.settings.s3, workspace.currents
    if s3 is None:
        currents.error = "no bucket is configured"
        return
    events, currents.waiting = currents.waiting, []
    by_type: dict[str, list[CurrentsEvent]] = {}
    for event in events:
        by_type.setdefault(event.event_type, []).append(event)
    files = [_file_of(workspace, settings, name, some) for name, some in by_type.items()]
    if files and workspace.faults.strike_work("currents_duplicate") is not None:
        first = files[0][0].removesuffix(".avro")
        files.append((f"{first}9.avro", files[0][1]))
    try:
        await asyncio.to_thread(_upload, s3, files)
    except OSError as error:
        currents.error = str(error)
        currents.waiting = [*events, *currents.waiting]
        return
    currents.files += len(files)
    currents.delivered += len(events)


def _upload(s3: S3Settings, files: Sequence[tuple[str, bytes]]) -> None:
    bucket = Bucket(s3)
    try:
        for key, body in files:
            bucket.put(key, body)
    finally:
        bucket.close()


def _file_of(
    workspace: Workspace, settings: CurrentsSettings, event_type: str, events: list[CurrentsEvent]
) -> tuple[str, bytes]:
    """Return the key and the bytes of one file."""
    import fastavro

    hour = datetime.fromtimestamp(workspace.clock.now(), UTC).strftime("%Y-%m-%d-%H")
    connector = f"dataexport.{settings.cluster}.S3.integration.{settings.integration_id}"
    name = f"{connector}+0+{workspace.currents.delivered:020d}{workspace.rng.getrandbits(32):08x}.avro"
    parts = [settings.prefix.strip("/"), connector, f"event_type={event_type}", f"date={hour}"]
    parts += [f"version={settings.version}", settings.environment, name]
    extra = ADDED_FIELD if workspace.faults.strike_work("currents_added_field") is not None else None
    buffer = io.BytesIO()
    fastavro.writer(buffer, avro_schema(event_type, extra), [_record_of(event) for event in events])
    return "/".join(part for part in parts if part), buffer.getvalue()


def _record_of(event: CurrentsEvent) -> JsonObject:
    if event.properties is None:
        return event.fields
    return {**event.fields, "properties": msgspec.json.encode(event.properties).decode()}


async def _push_all(workspace: Workspace, settings: CurrentsSettings, client: httpx.AsyncClient) -> None:
    currents = workspace.currents
    while currents.waiting and not currents.is_paused:
        batch = currents.waiting[:BATCH_EVENTS_MAX]
        is_done = await _push(workspace, settings, client, batch)
        if not is_done:
            return
        del currents.waiting[: len(batch)]


async def _push(
    workspace: Workspace, settings: CurrentsSettings, client: httpx.AsyncClient, batch: list[CurrentsEvent]
) -> bool:
    """Push one batch by the rules for answers; False when it has to wait."""
    status = await _post_until_answered(settings, client, batch)
    currents = workspace.currents
    currents.error = "" if 200 <= status < 300 else f"the server answered {status}"
    if 200 <= status < 300:
        currents.delivered += len(batch)
        if workspace.faults.strike_work("currents_duplicate") is not None:
            await _post_until_answered(settings, client, batch)
        return True
    if status in (400, 413) and len(batch) == 1:
        currents.dropped += 1
        return True
    if status == 400:
        parts = [[event] for event in batch]
    elif status == 413:
        parts = [batch[: len(batch) // 2], batch[len(batch) // 2 :]]
    else:
        currents.is_paused = status in (401, 403, 404)
        return False
    for part in parts:
        if not await _push(workspace, settings, client, part):
            return False
    return True


async def _post_until_answered(
    settings: CurrentsSettings, client: httpx.AsyncClient, batch: list[CurrentsEvent]
) -> int:
    """Return the status; 429, server errors and silence are tried again, 0 means that nobody answered."""
    headers = {"Braze-Currents-Version": "1"}
    if settings.token is not None:
        headers["Authorization"] = f"Bearer {settings.token}"
    body = {"events": [_pushed_form(event) for event in batch]}
    pause_s, status = FIRST_PAUSE_S, 0
    for attempt in range(ATTEMPTS_MAX):
        try:
            status = (await client.post(settings.url or "", json=body, headers=headers)).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            status = 0
        if 200 <= status < 300 or status in (400, 401, 403, 404, 413):
            return status
        if attempt + 1 < ATTEMPTS_MAX:
            await asyncio.sleep(pause_s)
            pause_s *= 2
    return status


def _pushed_form(event: CurrentsEvent) -> JsonObject:
    fields = {name: value for name, value in event.fields.items() if value is not None}
    user: JsonObject = {name: fields.pop(name) for name in USER_FIELDS if name in fields}
    identifier, at = fields.pop("id"), fields.pop("time")
    if event.properties is not None:
        fields.pop("properties", None)
        is_custom = event.event_type == "users.behaviors.CustomEvent"
        fields["custom_properties" if is_custom else "purchase_properties"] = event.properties
    return {"event_type": event.event_type, "id": identifier, "time": at, "user": user, "properties": fields}
