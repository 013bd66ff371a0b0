"""A workspace without its other roles, deliver running in it, and an API that does what a test says."""

import asyncio
import json
from array import array
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from aiohttp import web

from onefold.activate.deliver import Deliver
from onefold.activate.settings import DeliverySettings
from onefold.activate.store import Ask, Asked, Replay
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.backends.embedded.database import open_writer
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.backends.embedded.goal_runs import EmbeddedGoalRuns
from onefold.backends.embedded.log import EmbeddedLog
from onefold.clock import now
from onefold.connectors.http import HttpConnector
from onefold.model.change import Change, encode_change
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.goal_run import GoalRun
from onefold.model.profile import Profile, Seen, Trait, encode_profile
from onefold.model.record import Record, RecordKind
from onefold.model.schedule import CONTINUOUS, Schedule

WAIT_S = 20
SEGMENT = 3
KEY = "sk-very-secret"


class Call(NamedTuple):
    """What the API was sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    def json(self) -> Any:
        return json.loads(self.body)


class Api:
    """Answers 200 until told otherwise; keeps what it was sent."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: list[web.Response | float] = []
        """For the next calls: an answer, or seconds to say nothing and then hang up."""
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        self.calls.append(Call(request.method, request.path_qs, dict(request.headers), body))
        answer = self.answers.pop(0) if self.answers else web.json_response({"ok": True})
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        return answer

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield
        finally:
            await runner.cleanup()


class Directory:
    """The configuration, in memory."""

    def __init__(self) -> None:
        self.version = 1
        self.connected: list[Connection] = []
        self.wanted: list[Goal] = []
        self.replayed: list[Replay] = []
        self.asks: list[Ask] = []
        self.cancelled: set[str] = set()

    def revision(self) -> int:
        return self.version

    def connections(self) -> Sequence[Connection]:
        return self.connected

    def goals(self) -> Sequence[Goal]:
        return self.wanted

    def asked(self) -> Asked:
        """Only goals on a schedule are asked for runs."""
        return Asked(self.asks, frozenset(self.cancelled))

    def replays(self, since: int) -> Sequence[Replay]:
        return [one for one in self.replayed if one.at >= since]


class World:
    """One data directory with a connection to the API."""

    def __init__(self, path: Path, api: Api) -> None:
        self.path = path
        self.api = api
        self.log = EmbeddedLog(path)
        self.state = open_writer(path, "state")
        self.store = EmbeddedDelivery(path)
        self.directory = Directory()
        self.at = now()
        self.connect()

    def close(self) -> None:
        self.store.close()
        self.state.close()
        self.log.close()

    def connect(self, secrets: dict[str, str] | None = None, **settings: Any) -> None:
        given = {"endpoint": self.api.url, "private_addresses": True, **settings}
        secrets = {"api_key": KEY} if secrets is None else secrets
        version = self.directory.version
        self.directory.connected = [
            Connection(1, "API", "http", settings=given, secrets=secrets, version=version)
        ]
        self.directory.version += 1

    def goal(
        self,
        goal_id: int = 1,
        *,
        when: str = "entered",
        enabled: bool = True,
        schedule: Schedule = CONTINUOUS,
        everyone: bool = False,
        **settings: Any,
    ) -> Goal:
        """Add or replace a goal; one on events is for everyone."""
        given = {"when": when, "url": "/call", "body": '{"id": {{ profile.id }}}', **settings}
        segment = 0 if when == "event" or everyone else SEGMENT
        goal = Goal(goal_id, 1, "call", "Call", enabled, segment, [], given, enabled_at=1, created_at=5)
        goal = msgspec.structs.replace(goal, schedule=schedule)
        self.directory.wanted = [one for one in self.directory.wanted if one.id != goal_id] + [goal]
        self.directory.version += 1
        return goal

    def person(self, profile_id: int, *, member: bool = False, user_id: str = "", **traits: Any) -> None:
        seen = Seen(self.at, self.at)
        identifiers = {"user_id": {user_id: seen}} if user_id else {}
        held = {name: Trait(value, self.at, 1) for name, value in traits.items()}
        profile = Profile(profile_id, self.at, self.at, identifiers, held)
        profile.set_mask(1 << SEGMENT if member else 0)
        row = (profile_id, encode_profile(profile))
        self.state.execute("insert or replace into profile values (?, ?)", row)
        self.state.execute("delete from member where profile_id = ?", (profile_id,))
        if member:
            self.state.execute("insert into member values (?, ?, ?)", (SEGMENT, profile_id, self.at))

    def commit(
        self,
        *,
        entered: Sequence[int] = (),
        left: Sequence[int] = (),
        merged: Sequence[tuple[int, int]] = (),
        events: Sequence[tuple[int, dict[str, Any]]] = (),
        at: int = 0,
    ) -> int:
        """A commit of the worker; gives the offset of its events."""
        at, offset = at or self.at, 0
        if events:
            body = msgspec.json.encode([event for _, event in events])
            offset = self.log.append([Record(RecordKind.EVENTS, 1, at, len(events), body)])
            ids = array("q", [profile_id for profile_id, _ in events])
            self.state.execute(
                "insert into batch values (?, ?, ?, ?, ?, x'', x'', ?, ?)",
                (offset, offset, at, at, len(events), bytes(len(events)), ids.tobytes()),
            )
        for old, new in merged:
            self.state.execute("insert into alias values (?, ?)", (old, new))
            self.state.execute("delete from profile where id = ?", (old,))
        pairs = [[(SEGMENT, one) for one in ids] for ids in (entered, left)]
        change = Change(offset, offset, at, [], *pairs, list(merged), bool(events))
        self.state.execute("insert into change (at, body) values (?, ?)", (at, encode_change(change)))
        return offset

    @asynccontextmanager
    async def delivering(self, clock: Callable[[], int] = now) -> AsyncIterator[Deliver]:
        """The deliver role, running."""
        state = EmbeddedStateReader(self.path)
        settings = DeliverySettings(linger_ms=0, poll_ms=10)
        deliver = Deliver(
            self.store, self.directory, state, self.log, {"http": HttpConnector()}, clock, settings=settings
        )
        stop = asyncio.Event()
        task = asyncio.create_task(deliver.run(stop))
        try:
            yield deliver
        finally:
            stop.set()
            await task
            state.close()

    async def deliver_all(self, clock: Callable[[], int] = now) -> None:
        """Run until everything was answered that may go."""
        async with self.delivering(clock) as deliver, asyncio.timeout(WAIT_S):
            await deliver.drain()

    def ask(self, goal_id: int = 1) -> str:
        """Someone asks for a run of a goal; its id."""
        run_id = f"run-{len(self.directory.asks) + 1:014d}"
        self.directory.asks.append(Ask(run_id, 1, goal_id, "tester", self.at))
        self.directory.version += 1
        return run_id

    def cancel(self, run_id: str) -> None:
        """Someone wants a run to end."""
        self.directory.cancelled.add(run_id)
        self.directory.version += 1

    def runs(self, goal_id: int = 1) -> list[GoalRun]:
        """The runs of a goal, oldest first."""
        reader = EmbeddedGoalRuns(self.path)
        found = reader.page(goal_id=goal_id)
        reader.close()
        return found[::-1]

    def counts(self, goal_id: int = 1) -> dict[tuple[int, str], int]:
        """(kind, code) -> items."""
        rows = self.rows(
            "select kind, code, sum(count) from counter where stage = 'activate' and subject = ?"
            " group by kind, code",
            f"1/{goal_id}",
        )
        return {(kind, code): n for kind, code, n in rows}

    def letters(self) -> list[tuple[Any, ...]]:
        """code, field, reason, payload, answer of each dead letter."""
        return self.rows("select code, field, reason, payload, answer from letter order by id")

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read delivery.db."""
        return self.store._read(query, *values)

    @staticmethod
    async def until(condition: Callable[[], object]) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(WAIT_S):
            while not condition():
                await asyncio.sleep(0.005)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    made = Api()
    async with made.serving():
        yield made


@pytest.fixture
def world(tmp_path: Path, api: Api) -> Iterator[World]:
    made = World(tmp_path, api)
    yield made
    made.close()
