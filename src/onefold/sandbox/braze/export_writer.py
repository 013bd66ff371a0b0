"""Writing one segment export: people as JSON lines, some thousands a file, and the callback at the end.

In: an accepted export. Out: files at its place, then the callback. People are read a slice at a time
between other requests, compressed and sent in a thread: memory holds a few files, whatever the segment's
size.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from typing import cast

import msgspec

from onefold.sandbox.braze.archive import Archive
from onefold.sandbox.braze.callback import send_callback
from onefold.sandbox.braze.exported_user import exported_user
from onefold.sandbox.braze.exports import Export
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.places import BucketPlace, HostedPlace, Place
from onefold.sandbox.braze.profile import Profile
from onefold.sandbox.braze.segment import Segment
from onefold.sandbox.braze.workspace import Workspace

# How many people are read before other requests have their turn.
TURN_USERS = 250
# Files that wait for the thread; a slow bucket slows the reading down.
WAITING_FILES_MAX = 2
BREAK_LINE_AT = 0.5
_encode = msgspec.json.Encoder().encode


class ExportFailedError(Exception):
    """A fault asked for the export to end without a word."""


async def write_export(workspace: Workspace, export: Export, segment: Segment) -> None:
    """Write everything, then call back; a failure shows in the export's state alone: Braze only mails it."""
    if export.cancelled.is_set():
        return
    slow = workspace.faults.strike_work("export_slow")
    if slow is not None:
        await _pause(export, slow.delay_ms / 1000)
    if export.cancelled.is_set():
        return
    export.state = "running"
    place = _place_of(workspace, export)
    try:
        await _Writing(workspace, export, segment, place).run()
    except (ExportFailedError, OSError) as error:
        if not export.cancelled.is_set():
            export.state, export.error = "failed", f"{type(error).__name__}: {error}"
        export.drop_archive()
        return
    if export.cancelled.is_set():
        export.drop_archive()
        return
    _close_up(workspace, export)
    if workspace.faults.strike_work("export_callback") is not None:
        export.callback_status = "not sent"
    elif export.callback_url is not None:
        export.callback_status = await send_callback(export.callback_url, export.url)


async def _pause(export: Export, seconds: float) -> None:
    try:
        await asyncio.wait_for(export.cancelled.wait(), seconds)
    except TimeoutError:
        return


def _place_of(workspace: Workspace, export: Export) -> Place:
    s3 = workspace.settings.s3
    if export.url is not None or s3 is None:
        export.archive = Archive()
        return HostedPlace(export.archive)
    day = datetime.fromtimestamp(workspace.clock.now(), UTC).date().isoformat()
    parts = [s3.folder.strip("/"), "segment-export", export.segment_id, day, export.prefix]
    return BucketPlace(s3, "/".join(part for part in parts if part), export.is_gzip)


def _close_up(workspace: Workspace, export: Export) -> None:
    now = workspace.clock.now()
    export.finished_at = now
    if export.url is not None:
        export.expires_at = now + workspace.settings.hosted_url_life_s
        if workspace.faults.strike_work("export_expired_url") is not None:
            export.expires_at = now
        export.is_lost = workspace.faults.strike_work("export_missing_file") is not None
    export.state = "done"


class _Writing:
    """The files of one export on their way."""

    def __init__(self, workspace: Workspace, export: Export, segment: Segment, place: Place) -> None:
        self._workspace = workspace
        self._export = export
        self._members = segment.members(workspace.store)
        self._place = place
        self._waiting: list[Future[str]] = []
        self._breaks = workspace.faults.strike_work("export_broken_line") is not None
        self._fails = workspace.faults.strike_work("export_fail") is not None
        self._loses = export.url is None and (workspace.faults.strike_work("export_missing_file") is not None)
        self._select = selector(export)

    async def run(self) -> None:
        """Write all files in order."""
        thread = ThreadPoolExecutor(1, "braze-export")
        try:
            await self._write_all(thread)
            await asyncio.wrap_future(thread.submit(self._place.finish))
        finally:
            # A bucket that hangs must not hold up the loop.
            thread.shutdown(wait=False, cancel_futures=True)

    async def _write_all(self, thread: ThreadPoolExecutor) -> None:
        lines: list[bytes] = []
        while not self._export.cancelled.is_set():
            people = list(islice(self._members, TURN_USERS))
            lines.extend(self._lines_of(people))
            await self._send_full(thread, lines, is_last=not people)
            if not people:
                break
            await asyncio.sleep(0)
        await self._settle(0)

    def _lines_of(self, people: list[Profile]) -> Iterator[bytes]:
        settings, now = self._workspace.settings, self._workspace.clock.now()
        for profile in people:
            user = profile.shadow if now < profile.shadow_until else exported_user(profile, settings, now)
            if user is not None:
                yield _encode(self._select(user, profile))

    async def _send_full(self, thread: ThreadPoolExecutor, lines: list[bytes], *, is_last: bool) -> None:
        size = self._workspace.settings.segment_export_file_users
        while len(lines) >= size or (is_last and lines):
            part = lines[:size]
            del lines[:size]
            self._export.users += len(part)
            if self._breaks:
                self._breaks = False
                middle = len(part) // 2
                part[middle] = part[middle][: int(len(part[middle]) * BREAK_LINE_AT)]
            name = f"{self._workspace.rng.getrandbits(128):032x}"
            if self._loses:
                self._loses = False
                continue
            body = b"\n".join(part) + b"\n"
            self._waiting.append(thread.submit(self._place.write, name, body))
            await self._settle(WAITING_FILES_MAX)
            if self._fails:
                raise ExportFailedError("as a fault asked")

    async def _settle(self, waiting_max: int) -> None:
        while len(self._waiting) > waiting_max:
            self._export.files.append(await asyncio.wrap_future(self._waiting.pop(0)))


def selector(export: Export) -> Callable[[JsonObject, Profile], JsonObject]:
    """Return what makes the exported object: the fields asked for, or the custom attributes named."""
    fields, names = export.fields, export.custom_names

    def select(user: JsonObject, profile: Profile) -> JsonObject:
        chosen = {name: user[name] for name in fields if name in user}
        if names is not None and (custom := cast(JsonObject, user.get("custom_attributes") or {})):
            kept = {name: custom[name] for name in names if name in custom}
            if kept:
                chosen["custom_attributes"] = kept
        if "phone" in chosen and profile.phone_as_sent is not None:
            # Segment exports give the number as it came, exports by id the E.164 form.
            chosen["phone"] = profile.phone_as_sent
        return chosen

    return select
