"""Bringing a Braze audience in: `/users/export/segment`, then files in the user's bucket or behind a URL.

In: a goal that names an audience. Out: its users as rows. Braze writes no manifest: an export into a bucket
is whole when no new file came for a while; what comes later all the same is read behind the rest. A hosted
URL answers 403 until it is ready and lives four hours. Source: Braze's documentation of the endpoint and of
export troubleshooting (July 2026).
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import msgspec

from onefold.clock import SECOND, now
from onefold.connectors.braze.archive import download, rows_of
from onefold.connectors.braze.connection_fields import CONNECTION_FIELDS
from onefold.connectors.braze.exported import CUSTOM, FIELDS, LISTS, custom_field
from onefold.connectors.braze.held import attribute_pages
from onefold.connectors.braze.intake_kinds import IMPORT
from onefold.connectors.braze.permissions import (
    EXPORT,
    SEGMENTS,
    Permission,
    raise_for_setup,
)
from onefold.connectors.braze.session import open_client
from onefold.errors import ConnectorError, SetupError, TransientError
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.intake import Row
from onefold.model.json import JsonObject
from onefold.plugin.check import setting
from onefold.plugin.http import Answer, HttpClient
from onefold.plugin.object_store import ObjectStore
from onefold.plugin.origin import Audience, AudiencePage, BadRow, Hands, OfferedField, RowPage, Ticket
from onefold.plugin.reach import check_host

T = TypeVar("T")
POLL_S = 5.0
"""Between two looks whether there is more."""
PAGE_ROWS = 2000
PAGES_MAX = 200
"""Pages of a listing at Braze that are read: 20,000 segments."""
FOLDER = "segment-export"


class State(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a started export: a ticket's state."""

    prefix: str = ""
    url: str = ""
    untils: list[int] = []
    """What was read together: files modified up to each of these moments (microseconds)."""


class BrazeOrigin:
    """One Braze workspace, to bring in from."""

    def __init__(self, connection: Connection, store: ObjectStore | None, *, poll_s: float = POLL_S) -> None:
        self._connection = connection
        self._store = store
        self._poll_s = poll_s

    def audiences(self, *, search: str, after: str, count_max: int) -> AudiencePage:
        """Segments by name; `after` is a page of Braze's and a place in it."""
        page, _, place = after.partition(":")
        number, start = int(page or 0), int(place or 0)
        found: list[Audience] = []
        wanted = search.casefold()
        while number < PAGES_MAX:
            segments = (
                self._call(SEGMENTS, f"/segments/list?page={number}&sort_direction=asc").get("segments") or []
            )
            if not segments:
                return AudiencePage(found)
            for index, one in enumerate(segments[start:], start):
                if wanted in str(one.get("name", "")).casefold():
                    if len(found) == count_max:
                        return AudiencePage(found, f"{number}:{index}")
                    found.append(Audience(str(one["id"]), str(one.get("name", ""))))
            number, start = number + 1, 0
        return AudiencePage(found)

    def fields(self) -> list[OfferedField]:
        """Standard fields, the lists, our aliases, then the custom attributes that Braze knows."""
        label = str(setting(CONNECTION_FIELDS, self._connection.settings, "alias_label"))
        alias = OfferedField(f"alias:{label}", f"Alias {label}", is_identifier=True)
        return [*FIELDS[:4], alias, *FIELDS[4:], *self._custom_fields(), *LISTS]

    def begin(self, goal: Goal, run_id: str) -> Ticket:
        """Ask for the export of the goal's audience."""
        named = {row.field for row in goal.intake.rows} if goal.intake else set[str]()
        wanted = [field.name for field in FIELDS]
        wanted += [field.name for field in LISTS if field.name in named]
        body = {
            "segment_id": _audience(goal),
            "fields_to_export": [*wanted, "user_aliases", CUSTOM],
            "output_format": "zip",
        }
        started_at = now()
        answer = self._call(EXPORT, EXPORT.path, body)
        state = State(str(answer.get("object_prefix") or ""), str(answer.get("url") or ""))
        if not state.url and self._store is None:
            raise SetupError(
                "acquire.braze.no_bucket",
                "Braze writes this export into a bucket that the connection does not know.",
                hint="Give the connection the S3 bucket that is set up in Braze under Technology Partners.",
            )
        return Ticket(started_at, _pack(state))

    def read(self, goal: Goal, ticket: Ticket, after: int, hands: Hands) -> Iterator[RowPage]:
        """The users, file by file in the order of their names."""
        state = msgspec.json.decode(ticket.state, type=State)
        reader = _Pages(after)
        if state.url:
            with self._fetch(goal, ticket, state.url, hands) as file:
                yield from reader.pages(rows_of(file, state.url), 0, 1)
            return
        assert self._store is not None  # noqa: S101 - `begin` saw to it
        files = _Files(self._store, goal, ticket, self._poll_s)
        for phase in range(PAGES_MAX):
            if phase == len(state.untils):
                until = files.settle(state.untils[-1] if state.untils else 0, hands)
                if not until:
                    return
                state = State(state.prefix, state.url, [*state.untils, until])
                ticket = Ticket(ticket.started_at, _pack(state))
                hands.keep(ticket)
            between = (state.untils[phase - 1] if phase else 0, state.untils[phase])
            found = files.between(*between)
            for number, key in enumerate(found):
                with self._store.open(key) as stream, download(stream) as file:
                    yield from reader.pages(rows_of(file, key), number, len(found))

    def close(self) -> None:
        """Give up the sockets of the bucket."""
        if self._store is not None:
            self._store.close()

    def _fetch(self, goal: Goal, ticket: Ticket, url: str, hands: Hands) -> Any:
        """The hosted file, once it is there."""
        deadline = _deadline(goal, ticket)
        while True:
            try:
                with open_file() as client, client.stream("GET", url) as answer:
                    if answer.status_code == 200:
                        return download(answer.iter_raw())
                    reason = answer.read()[:2000].decode("utf-8", "replace")
            except httpx.HTTPError as error:
                reason = type(error).__name__
            if "ExpiredToken" in reason or "expired" in reason.lower():
                raise ConnectorError(
                    "acquire.braze.expired",
                    "The file that Braze made is no longer there: its address lives four hours.",
                    hint="Run the import again.",
                )
            _wait(deadline, self._poll_s, hands)

    def _custom_fields(self) -> list[OfferedField]:
        async def ask(client: HttpClient) -> list[OfferedField]:
            found = [custom_field(one) async for page in attribute_pages(client) for one in page]
            return [one for one in found if one is not None]

        return self._with_client(ask)

    def _call(self, permission: Permission, path: str, body: JsonObject | None = None) -> JsonObject:
        async def ask(client: HttpClient) -> Answer:
            if body is not None:
                return await client.post(path, msgspec.json.encode(body))
            return await client.request(permission.method, path)

        answer = self._with_client(ask)
        raise_for_setup(answer, permission)
        content = _content(answer.json())
        if answer.status >= 400 or content.get("message") not in ("success", None):
            raise ConnectorError(
                "acquire.braze.refused",
                f"Braze refused: {str(content.get('message', answer.status))[:200]}",
                hint="Is the audience still there? Choose it again.",
            )
        return content

    def _with_client(self, ask: Callable[[HttpClient], Coroutine[Any, Any, T]]) -> T:
        """Requests from this thread: in a loop of their own, since a session belongs to one."""

        async def run() -> T:
            client = open_client(self._connection, 1)
            try:
                return await ask(client)
            finally:
                await client.close()

        return asyncio.run(run())


def open_file() -> httpx.Client:
    """Where the file is, the other side says, each hop of the way: each is judged."""
    hooks: dict[str, list[Callable[..., Any]]] = {
        "request": [lambda request: check_host(str(request.url), allow_private=True)]
    }
    return httpx.Client(timeout=60.0, follow_redirects=True, event_hooks=hooks)


class _Files:
    """The files of one export in the user's bucket."""

    def __init__(self, store: ObjectStore, goal: Goal, ticket: Ticket, poll_s: float) -> None:
        state = msgspec.json.decode(ticket.state, type=State)
        self._store = store
        self._marker = f"/{state.prefix}/"
        self._folder = f"{store.prefix}{FOLDER}/{_audience(goal)}/"
        # Braze names the day on which the export ended: none of before it began.
        began = datetime.fromtimestamp(ticket.started_at / SECOND - 86_400, UTC)
        self._after = f"{self._folder}{began:%Y-%m-%d}"
        self._settle_s = float(setting(IMPORT.fields, goal.settings, "settle_s"))
        self._deadline = _deadline(goal, ticket)
        self._poll_s = poll_s

    def between(self, after: int, until: int) -> list[str]:
        """Keys of the files modified behind `after`, up to `until`, in order."""
        return [key for key, at in self._list() if after < at <= until]

    def settle(self, after: int, hands: Hands) -> int:
        """When the newest file behind `after` was modified, once none came for a while; 0 for none.

        The first look waits for the export; a later one only asks whether something came late.
        """
        newest, quiet_since = 0, time.monotonic()
        while True:
            latest = max((at for _, at in self._list() if at > after), default=0)
            if latest != newest:
                newest, quiet_since = latest, time.monotonic()
            is_quiet = time.monotonic() - quiet_since >= self._settle_s
            if (newest and is_quiet) or (after and not newest):
                return newest
            _wait(self._deadline, self._poll_s, hands)

    def _list(self) -> list[tuple[str, int]]:
        found = self._store.list(self._folder, after=self._after)
        return [(one.key, one.modified_at) for one in found if self._marker in one.key]


class _Pages:
    """Rows of one file after the other, in pages; those before `after` are passed over."""

    def __init__(self, after: int) -> None:
        self._after = after
        self._seen = 0

    def pages(self, rows: Iterator[Row | BadRow], number: int, total: int) -> Iterator[RowPage]:
        page: list[Row | BadRow] = []
        for row in rows:
            self._seen += 1
            if self._seen > self._after:
                page.append(row)
            if len(page) == PAGE_ROWS:
                yield RowPage(page, self._seen, number, total, "files")
                page = []
        if page:
            yield RowPage(page, self._seen, number + 1, total, "files")


def _audience(goal: Goal) -> str:
    return str(goal.settings["audience"])


def _deadline(goal: Goal, ticket: Ticket) -> int:
    minutes = int(setting(IMPORT.fields, goal.settings, "timeout_minutes"))
    return ticket.started_at + minutes * 60 * SECOND


def _wait(deadline: int, seconds: float, hands: Hands) -> None:
    if now() > deadline:
        raise TransientError(
            "acquire.braze.no_export",
            "Braze has not delivered the export in time.",
            hint="Braze mails the reason to the workspace's contacts. Run again, or give it more time.",
        )
    hands.wait(seconds, "Waiting for Braze to write the export")


def _pack(state: State) -> str:
    return msgspec.json.encode(state).decode()


def _content(content: Any) -> JsonObject:
    if not isinstance(content, dict):
        raise TransientError("acquire.braze.no_json", "Braze answered something that is not JSON.")
    return content
