"""A local Braze as a child process of a test: started on a free port, spoken to, and ended by its process id.

In: settings of the sandbox. Out: a `BrazeSandbox` with its URL, a client for the Braze API and one for the
sandbox's own control API. Linux ends the child when the thread that started it ends.
"""

from __future__ import annotations

import http.client
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, cast
from urllib.parse import quote, urlsplit

JsonObject = dict[str, object]
READY_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 5.0
CALL_TIMEOUT_S = 30.0
DEFAULT_KEY = "sandbox-key"
PEOPLE_A_CALL = 50_000


class Reply(NamedTuple):
    """One answer: headers have lower-case names, `payload` is the decoded JSON object."""

    status: int
    headers: Mapping[str, str]
    payload: JsonObject


class BrazeSandbox:
    """A running local Braze and ways to speak to it; every call opens its own connection."""

    def __init__(self, process: subprocess.Popen[str], url: str, api_key: str) -> None:
        self.process = process
        self.url = url
        self.api_key = api_key
        self._address = urlsplit(url)

    @property
    def pid(self) -> int:
        """The process id of the child."""
        return self.process.pid

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send raw bytes; raises OSError or http.client.HTTPException when the connection breaks."""
        connection = http.client.HTTPConnection(
            cast(str, self._address.hostname), self._address.port, timeout=CALL_TIMEOUT_S
        )
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            raw = answer.read()
            names = {name.lower(): value for name, value in answer.getheaders()}
            is_json = names.get("content-type", "").startswith("application/json")
            return Reply(answer.status, names, json.loads(raw) if is_json else {"text": raw.decode()})
        finally:
            connection.close()

    def call(self, path: str, body: object = None, method: str = "POST", key: str | None = None) -> Reply:
        """Call the Braze API with JSON and a bearer key."""
        headers = {"Authorization": f"Bearer {key or self.api_key}", "Content-Type": "application/json"}
        return self.send(method, path, None if method == "GET" else json.dumps(body).encode(), headers)

    def track(self, **arrays: object) -> Reply:
        """POST /users/track with `attributes=`, `events=`, `purchases=`."""
        return self.call("/users/track", arrays)

    def control(self, method: str, path: str, body: object = None) -> JsonObject:
        """Call the control API; raises RuntimeError for an answer other than 200."""
        raw = None if method == "GET" else json.dumps(body or {}).encode()
        reply = self.send(method, f"/__sandbox/{path}", raw, {"Content-Type": "application/json"})
        if reply.status != 200:
            raise RuntimeError(f"{method} /__sandbox/{path}: {reply.status} {reply.payload}")
        return reply.payload

    def stats(self) -> JsonObject:
        """Return the totals."""
        return self.control("GET", "stats")

    def user(self, external_id: str) -> JsonObject | None:
        """Return everything about one person by external id or Braze id, or None."""
        reply = self.send("GET", f"/__sandbox/users/{quote(external_id, safe='')}")
        return reply.payload if reply.status == 200 else None

    def users(self, search: str = "", limit: int = 500) -> Iterator[JsonObject]:
        """Yield one line for each person, page by page."""
        cursor: object = 0
        while cursor is not None:
            path = f"users?cursor={cursor}&limit={limit}&search={quote(search, safe='')}"
            page = self.control("GET", path)
            yield from cast(list[JsonObject], page["users"])
            cursor = page["next_cursor"]

    def journal(self, after: int = 0, limit: int = 500) -> list[JsonObject]:
        """Return recorded requests, oldest first."""
        page = self.control("GET", f"journal?after={after}&limit={limit}")
        return cast(list[JsonObject], page["entries"])

    def sent_attributes(self) -> list[JsonObject]:
        """Return the attributes objects of the recorded /users/track requests, oldest first."""
        bodies = [cast(JsonObject, one["body"]) for one in self.journal() if one["path"] == "/users/track"]
        return [one for body in bodies for one in cast(list[JsonObject], body.get("attributes", []))]

    def requests(self, path: str) -> list[JsonObject]:
        """Return the recorded requests of one endpoint, oldest first."""
        return [one for one in self.journal() if one["path"] == path]

    def ignored(self) -> JsonObject:
        """Return what was accepted and then ignored."""
        return self.control("GET", "ignored")

    def flush(self) -> None:
        """Apply all waiting work now."""
        self.control("POST", "flush")

    def reset(self) -> None:
        """Forget everything but the settings."""
        self.control("POST", "reset")

    def change_settings(self, **changes: object) -> JsonObject:
        """Change settings while it runs."""
        return self.control("PUT", "settings", changes)

    def set_clock(self, **change: object) -> JsonObject:
        """Freeze (`at=`), move (`advance_s=`) or release (`release=True`) its clock."""
        return self.control("PUT", "clock", change)

    def add_fault(self, kind: str, **rule: object) -> None:
        """Add a fault, such as `add_fault("status", status=503, next=2, path="/users/track")`."""
        self.control("POST", "faults", {"kind": kind, **rule})

    def clear_faults(self) -> None:
        """Remove all faults."""
        self.control("DELETE", "faults")

    def add_segment(self, name: str, **definition: object) -> str:
        """Define a segment (`external_ids=` or `filter=`, else everyone) and return its id."""
        return str(self.control("POST", "segments", {"name": name, **definition})["id"])

    def add_people(self, count: int, **form: object) -> None:
        """Make many people at once: `standard=` and `custom=` fields, with `{n}` for the number of each."""
        first = cast(int, form.pop("first", 1))
        for start in range(first, first + count, PEOPLE_A_CALL):
            part = min(PEOPLE_A_CALL, first + count - start)
            self.control("POST", "people", {**form, "count": part, "first": start})

    def exports(self) -> list[JsonObject]:
        """Return segment exports, oldest first."""
        return cast(list[JsonObject], self.control("GET", "exports")["exports"])

    def sends(self) -> list[JsonObject]:
        """Return what would have been sent, oldest first."""
        return cast(list[JsonObject], self.control("GET", "sends")["sends"])

    def stop(self) -> int:
        """End the child and return its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
        status = self.process.wait(STOP_TIMEOUT_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status


def start_braze_sandbox(api_key: str = DEFAULT_KEY, port: int = 0, **settings: object) -> BrazeSandbox:
    """Start a local Braze and return it once it listens; the caller stops it.

    Raises RuntimeError when it ends or stays silent instead.
    """
    command = [sys.executable, "-m", "onefold.sandbox.braze", "--api-key", api_key, "--port", str(port)]
    command += ["--settings", json.dumps(settings), "--die-with", str(os.getpid())]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], READY_TIMEOUT_S)
    line = process.stdout.readline() if readable else ""
    if " ready on " not in line:
        process.kill()
        process.wait()
        process.stdout.close()
        raise RuntimeError(f"the local Braze did not start: {line!r}")
    return BrazeSandbox(process, line.split()[-1], api_key)


@contextmanager
def braze_sandbox(api_key: str = DEFAULT_KEY, port: int = 0, **settings: object) -> Iterator[BrazeSandbox]:
    """Run a local Braze for the length of a `with` block."""
    sandbox = start_braze_sandbox(api_key, port, **settings)
    try:
        yield sandbox
    finally:
        sandbox.stop()
