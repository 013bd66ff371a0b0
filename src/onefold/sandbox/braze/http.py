"""The API of the local Braze as a raw ASGI application.

Checks come in Braze's order: key, path, permission, rate limit, content type, size, JSON. Then the
endpoint runs, and what it accepted is applied later. Everything that passes here is in the journal.
"""

from __future__ import annotations

import asyncio
import time
from typing import cast
from urllib.parse import parse_qs

import msgspec

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.control import Control
from onefold.sandbox.braze.endpoint import Endpoint
from onefold.sandbox.braze.endpoints import find_endpoint
from onefold.sandbox.braze.exchange import (
    JSON_TYPE,
    NO_CACHE,
    ClientGoneError,
    Headers,
    Receive,
    Scope,
    Send,
    header,
    read_body,
    reset_connection,
    send_bytes,
)
from onefold.sandbox.braze.export import rate_group
from onefold.sandbox.braze.faults import Fault
from onefold.sandbox.braze.hosted import HOSTED_PREFIX, serve_hosted
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.rates import EXPORT
from onefold.sandbox.braze.settings import ApiKey
from onefold.sandbox.braze.workspace import Workspace

BODY_BYTES_MAX = 4 * 1024 * 1024
CONTROL_PREFIX = "/__sandbox"
FAULT_MESSAGES = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
# How often waiting work is looked at while nothing else wakes us.
IDLE_WAIT_S = 0.2

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class App:
    """Routes requests of one workspace and applies its waiting work."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._keys = {api_key.key: api_key for api_key in workspace.settings.api_keys}
        self._control = Control(workspace, self._keys)
        self._worker: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or start and end the worker."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        try:
            if path == "/" or path.startswith(CONTROL_PREFIX):
                await self._control.serve(scope, receive, send)
                self._wake.set()
            elif path.startswith(HOSTED_PREFIX):
                await serve_hosted(self.workspace, scope, send)
            else:
                await self._serve(scope, receive, send)
        except ClientGoneError:
            return

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._worker = asyncio.create_task(self._apply_forever())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)
        self.workspace.exports.cancel_all()
        await self.workspace.tasks.end()
        await send({"type": "lifespan.shutdown.complete"})

    async def _apply_forever(self) -> None:
        """Apply waiting work when it is due by the sandbox's clock."""
        workspace = self.workspace
        while True:
            now = workspace.clock.now()
            workspace.pending.apply_due(now)
            due = workspace.pending.next_due
            if due is None or workspace.clock.is_frozen:
                await self._wake.wait()
                self._wake.clear()
            else:
                await asyncio.sleep(min(max(due - now, 0.0), IDLE_WAIT_S))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._worker is not None and self._worker.done():
            # Work that cannot be applied is a bug: say so instead of accepting more.
            self._worker.result()
        self.workspace.tasks.raise_bug()
        started = time.perf_counter()
        workspace = self.workspace
        entry = workspace.journal.open(workspace.clock.now(), scope["method"], scope["path"])
        entry.headers = scope["headers"]
        body = await read_body(receive, BODY_BYTES_MAX)
        entry.body = body or b""
        headers: Headers = [JSON_TYPE, NO_CACHE, (b"x-request-id", b"%024x" % entry.id)]
        answer, fault = await self._decide(scope, body, entry, headers)
        if body is None:
            headers.append((b"connection", b"close"))
        entry.status, entry.answer = answer.status, _encode(answer.payload)
        seconds = time.perf_counter() - started
        entry.duration_ms = seconds * 1000
        headers.append((b"x-runtime", b"%.6f" % seconds))
        if answer.headers:
            own = {name for name, _ in answer.headers}
            headers = [*(one for one in headers if one[0] not in own), *answer.headers]
        self._record(entry)
        if fault is not None and fault.kind == "reset" and reset_connection(send):
            # Returns once the server has seen the end of the connection it owns.
            await receive()
            return
        await send_bytes(send, answer.status, entry.answer, headers)

    def _record(self, entry: Entry) -> None:
        totals = self.workspace.totals
        totals.requests += 1
        # Only paths that exist: names that strangers invent must not grow the table.
        name = f"{entry.method} {entry.route}" if entry.route else "(other)"
        totals.by_endpoint[name] = totals.by_endpoint.get(name, 0) + 1
        totals.by_status[entry.status] = totals.by_status.get(entry.status, 0) + 1
        self.workspace.journal.close(entry)
        self._wake.set()

    async def _decide(
        self, scope: Scope, body: bytes | None, entry: Entry, headers: Headers
    ) -> tuple[Answer, Fault | None]:
        """Return the answer, and the fault that shapes or replaces it."""
        endpoint, refusal = self._admit(scope, entry)
        if endpoint is None:
            return refusal, None
        fault = self.workspace.faults.strike(entry.path)
        entry.fault = f"{fault.kind} {fault.when}" if fault is not None else ""
        if fault is not None and fault.when == "before":
            if fault.kind != "slow":
                return self._faulty(fault, endpoint, headers), fault
            await asyncio.sleep(fault.delay_ms / 1000)
        answer = self._answer(scope, body, endpoint, entry, headers)
        if fault is not None and fault.when == "after":
            if fault.kind != "slow":
                return self._faulty(fault, endpoint, headers), fault
            await asyncio.sleep(fault.delay_ms / 1000)
        return answer, fault

    def _admit(self, scope: Scope, entry: Entry) -> tuple[Endpoint | None, Answer]:
        """Return the endpoint, or None and the refusal."""
        path = entry.path
        if not self.workspace.settings.strict_paths and len(path) > 1:
            path = path.rstrip("/")
        found = find_endpoint(entry.method, path)
        entry.route = found.route if found is not None else ""
        key = self._key_of(scope)
        if key is None:
            return None, refuse(401, texts.INVALID_KEY)
        entry.key_name = key.name
        if found is None:
            return None, refuse(404, texts.INVALID_URL)
        endpoint, _, entry.path_values = found
        if key.permissions is not None and endpoint.permission not in key.permissions:
            return None, refuse(403, self.workspace.settings.forbidden_message)
        return endpoint, refuse(500, "")

    def _key_of(self, scope: Scope) -> ApiKey | None:
        value = header(scope, b"authorization")
        if value is None or not value.startswith("Bearer "):
            return None
        return self._keys.get(value[7:])

    def _answer(
        self, scope: Scope, body: bytes | None, endpoint: Endpoint, entry: Entry, headers: Headers
    ) -> Answer:
        workspace = self.workspace
        group = rate_group(workspace, body) if endpoint.group == EXPORT else endpoint.group
        verdict = workspace.limiter.take(group, workspace.clock.now())
        headers.extend(verdict.headers)
        if not verdict.is_allowed:
            return refuse(429, workspace.settings.throttled_message)
        if body is None:
            return refuse(413, texts.TOO_LARGE)
        if entry.method == "GET" or (entry.method == "DELETE" and not body):
            return endpoint.run(workspace, _read_query(scope), entry)
        if not _is_json(header(scope, b"content-type")):
            return refuse(415, texts.WRONG_CONTENT_TYPE)
        try:
            content = _decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return refuse(400, texts.BAD_JSON)
        if type(content) is not dict:
            return refuse(400, texts.NOT_AN_OBJECT)
        return endpoint.run(workspace, cast(JsonObject, content), entry)

    def _faulty(self, fault: Fault, endpoint: Endpoint, headers: Headers) -> Answer:
        workspace = self.workspace
        if fault.kind == "throttle":
            del headers[3:]
            now = workspace.clock.now()
            headers.extend(workspace.limiter.storm(endpoint.group, now, fault.retry_after_s))
            return refuse(429, fault.message or workspace.settings.throttled_message)
        if fault.kind == "message":
            return Answer(200, {"message": fault.message or "the request could not be queued"})
        if fault.kind == "reset":
            # Seen only where the connection cannot be broken.
            return refuse(502, "connection reset")
        return refuse(fault.status, fault.message or FAULT_MESSAGES.get(fault.status, "Error"))


def _read_query(scope: Scope) -> JsonObject:
    """Return the last value of each name; one that ends in `[]` gives all of them, without the brackets."""
    query: JsonObject = {}
    for name, values in parse_qs(scope["query_string"].decode("latin-1")).items():
        if name.endswith("[]"):
            query[name[:-2]] = list(values)
        else:
            query[name] = values[-1]
    return query


def _is_json(content_type: str | None) -> bool:
    return content_type is not None and content_type.split(";")[0].strip().lower() == "application/json"
