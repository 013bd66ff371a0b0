"""A workspace without its other roles: log and state written as the worker leaves them, and deliver running.

The other side is the real local Braze, over sockets.
"""

import asyncio
import subprocess
import sys
from array import array
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from onefold.activate.deliver import Deliver
from onefold.activate.settings import DeliverySettings
from onefold.activate.store import Ask, Asked, Replay
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.backends.embedded.database import open_writer
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.backends.embedded.goal_runs import EmbeddedGoalRuns
from onefold.backends.embedded.log import EmbeddedLog
from onefold.backends.embedded.traces import EmbeddedTraces
from onefold.clock import MINUTE, now
from onefold.connectors.braze import BrazeConnector
from onefold.model.change import Change, encode_change
from onefold.model.comparison import Wish
from onefold.model.connection import Connection
from onefold.model.consent import Consent, ConsentState
from onefold.model.delivery import Attempt
from onefold.model.erasure import Erased
from onefold.model.event_mapping import EventMapping
from onefold.model.goal import Goal
from onefold.model.goal_run import GoalRun, RunSample
from onefold.model.mapping import Mapping, TraitValue
from onefold.model.outcome import Kind
from onefold.model.profile import Profile, Seen, Trait, encode_profile
from onefold.model.record import Record, RecordKind
from onefold.model.schedule import CONTINUOUS, Schedule
from onefold.observe.store import Folded, Receipt
from onefold.plugin.contract import Connector
from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

NOW = 1_795_000_000_000_000
WAIT_S = 20
ALL = Wish()
"""Compare everyone, and send nothing."""
KEYS = (
    "users.track",
    "users.identify",
    "users.track+users.identify",
    "users.track+users.export.ids",
    "users.track+users.identify+users.export.ids",
)
"""Keys of the guarded local Braze, called by what they may do; its first one may do everything."""


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

    def replays(self, since: int) -> Sequence[Replay]:
        return [one for one in self.replayed if one.at >= since]

    def asked(self) -> Asked:
        return Asked(self.asks, frozenset(self.cancelled))


class World:
    """One data directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = EmbeddedLog(path)
        self.state = open_writer(path, "state")
        self.state.execute("pragma synchronous=off")
        self.store = EmbeddedDelivery(path)
        self.directory = Directory()
        self.connectors: dict[str, Connector] = {"braze": BrazeConnector()}
        self.profiles: dict[int, Profile] = {}
        self.clock: Callable[[], int] = now
        self.noted: dict[str, list[str]] = {}
        """Run -> identifiers of whom it erases."""

    def close(self) -> None:
        self.store.close()
        self.state.close()
        self.log.close()

    def person(
        self,
        profile_id: int,
        *,
        user_id: str = "",
        anonymous_id: str | Sequence[str] = (),
        segments: Sequence[int] = (),
        consents: Sequence[str] = (),
        **traits: object,
    ) -> Profile:
        """Put a profile; traits are replaced as a whole."""
        ids = [anonymous_id] if isinstance(anonymous_id, str) else anonymous_id
        identifiers: dict[str, dict[str, Seen]] = {}
        if user_id:
            identifiers["user_id"] = {user_id: Seen(NOW, NOW)}
        if ids:
            identifiers["anonymous_id"] = {
                one: Seen(NOW + place, NOW + place) for place, one in enumerate(ids)
            }
        profile = Profile(
            profile_id,
            NOW,
            NOW,
            identifiers,
            {name: Trait(value, NOW, 1) for name, value in traits.items() if value is not None},
            consents={purpose: Consent(ConsentState.CONSENTED, NOW, 1) for purpose in consents},
        )
        profile.set_mask(sum(1 << segment for segment in segments))
        self.profiles[profile_id] = profile
        self.keep(profile)
        self.state.execute("delete from member where profile_id = ?", (profile_id,))
        for segment in segments:
            self.state.execute("insert or replace into member values (?, ?, ?)", (segment, profile_id, NOW))
        return profile

    def people(self, count: int, **traits: object) -> None:
        """People u1, u2 … on the plan `free`, whatever other traits they have."""
        for number in range(1, count + 1):
            self.person(number, user_id=f"u{number}", **{"plan": "free", **traits})

    def keep(self, profile: Profile) -> None:
        """Store a profile as it now is."""
        self.state.execute(
            "insert or replace into profile values (?, ?)", (profile.id, encode_profile(profile))
        )

    def name_segments(self, names: dict[int, str]) -> None:
        """Segments, by name alone."""
        for segment_id, name in names.items():
            self.state.execute(
                "insert into segment (id, name, version, definition, state, offset, filled_to, born_after,"
                " counts_since, people) values (?, ?, 1, x'', 'live', 0, 0, 0, 0, 0)",
                (segment_id, name),
            )

    def later(self) -> int:
        """A time after every commit so far."""
        self.state.execute("update change set at = at - 1000000")
        return NOW

    def commit(
        self,
        *touched: int,
        events: Sequence[tuple[int, dict[str, object]]] = (),
        merged: Sequence[tuple[int, int]] = (),
        left: Sequence[tuple[int, int]] = (),
        meta: bytes = b"",
    ) -> int:
        """A commit of the worker: its events are one record; returns that record's offset."""
        offset = 0
        if events:
            body = msgspec.json.encode([event for _, event in events])
            offset = self.log.append([Record(RecordKind.EVENTS, 1, NOW, len(events), body, meta)])
            ids = array("q", [profile_id for profile_id, _ in events])
            self.state.execute(
                "insert into batch values (?, ?, ?, ?, ?, x'', x'', ?, ?)",
                (offset, offset, NOW, NOW, len(events), bytes(len(events)), ids.tobytes()),
            )
        for old, new in merged:
            self.state.execute("insert into alias values (?, ?)", (old, new))
            self.state.execute("delete from profile where id = ?", (old,))
        change = Change(
            offset, offset, NOW, list(touched), left=list(left), merged=list(merged), events=bool(events)
        )
        self.state.execute("insert into change (at, body) values (?, ?)", (NOW, encode_change(change)))
        return offset

    def erase(self, *profile_ids: int, offset: int = 1) -> None:
        """The worker has erased these, who were merged into the first."""
        self.noted[f"run-{offset}"] = [
            f"{kind}:{value}"
            for kind, values in self.profiles[profile_ids[0]].identifiers.items()
            for value in values
        ]
        for profile_id in profile_ids:
            self.state.execute("delete from profile where id = ?", (profile_id,))
        body = msgspec.json.encode(Erased(offset, f"run-{offset}", list(profile_ids)))
        self.state.execute("insert into erasure values (?, ?, ?)", (offset, f"run-{offset}", body))

    @asynccontextmanager
    async def delivering(self, settings: DeliverySettings | None = None) -> AsyncIterator[Deliver]:
        """The deliver role, running."""
        state = EmbeddedStateReader(self.path)
        deliver = Deliver(
            self.store,
            self.directory,
            state,
            self.log,
            self.connectors,
            self.clock,
            settings=settings or DeliverySettings(linger_ms=0, poll_ms=20),
            whom=lambda run_id: self.noted.get(run_id, []),
        )
        stop = asyncio.Event()
        task = asyncio.create_task(deliver.run(stop))
        try:
            yield deliver
        finally:
            stop.set()
            await task
            state.close()

    def start(self) -> "subprocess.Popen[bytes]":
        """The deliver role as a process that can be killed; its time is as far ahead as this one's."""
        directory = self.directory
        config = {
            "connected": directory.connected,
            "wanted": directory.wanted,
            "asks": directory.asks,
            "ahead": self.clock() - now(),
        }
        script = Path(__file__).with_name("deliver_process.py")
        return subprocess.Popen([sys.executable, script, self.path, msgspec.json.encode(config).decode()])

    async def deliver_all(self, settings: DeliverySettings | None = None) -> None:
        """Run until everything was answered."""
        async with self.delivering(settings) as deliver:
            async with asyncio.timeout(WAIT_S):
                await deliver.drain()

    async def deliver_first(self, sandbox: BrazeSandbox) -> None:
        """The same, and long enough ago that the local Braze shows what it accepted."""
        await self.deliver_all()
        sandbox.flush()
        before = self.clock
        self.clock = lambda: before() + MINUTE

    async def compare(self, wish: Wish = ALL, goal_id: int = 1) -> GoalRun:
        """A comparison of a goal, brought to its end."""
        run_id = self.ask(goal_id, comparison=wish)
        await self.deliver_all()
        return next(run for run in self.comparisons() if run.id == run_id)

    def comparisons(self) -> list[GoalRun]:
        """Those that have begun, oldest first."""
        return [run for run in self.runs() if run.comparison]

    def attempts(self, offset: int, position: int) -> list[Attempt]:
        """Every try that carried the event at this place of the log, oldest first."""
        traces = EmbeddedTraces(self.path)
        of_nobody = Folded(offset, Kind.PASSED, profile_id=0, survivor_id=0, clock=NOW, committed_at=0)
        found = traces.attempts(Receipt(1, offset, position), of_nobody)
        traces.close()
        return found

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Read delivery.db."""
        return self.store._read(query, *values)

    def runs(self, goal_id: int | None = None) -> list[GoalRun]:
        """The runs of a goal, oldest first."""
        reader = EmbeddedGoalRuns(self.path)
        found = reader.page(goal_id=goal_id)
        reader.close()
        return found[::-1]

    def differences(self, run: GoalRun) -> dict[int, object]:
        """The people of a comparison that are kept to look at, with their fields."""
        reader = EmbeddedGoalRuns(self.path)
        found = reader.differences(run.number)
        reader.close()
        return {one.profile_id: msgspec.json.decode(one.body) for one in found}

    def samples(self, run: GoalRun) -> list[RunSample]:
        """What is kept of a run to look at."""
        reader = EmbeddedGoalRuns(self.path)
        found = reader.samples(run.number)
        reader.close()
        return found

    def ask(self, goal_id: int, connection_id: int = 1, comparison: Wish | None = None) -> str:
        """Someone asks for a run of a goal, or for a comparison of it; its id."""
        run_id = f"run-{len(self.directory.asks) + 1:014d}"
        self.directory.asks.append(Ask(run_id, connection_id, goal_id, "tester", NOW, comparison))
        self.directory.version += 1
        return run_id

    def counts(self, goal_id: int) -> dict[tuple[int, str], int]:
        """(kind, code) -> items, of a goal."""
        rows = self.rows(
            "select subject, kind, code, sum(count) from counter where stage = 'activate'"
            " group by subject, kind, code"
        )
        return {(kind, code): n for subject, kind, code, n in rows if subject == f"1/{goal_id}"}

    @staticmethod
    async def until(condition: Callable[[], object]) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(WAIT_S):
            while not condition():
                await asyncio.sleep(0.01)

    def export(
        self,
        *fields: str,
        goal_id: int = 1,
        segment_id: int = 0,
        version: int = 1,
        schedule: Schedule = CONTINUOUS,
        position: int = 0,
        purpose: str = "",
        compare_first: bool = False,
        **settings: object,
    ) -> None:
        """Add or change a goal that exports traits under their own names."""
        mappings = [Mapping(TraitValue(field), field) for field in fields]
        goal = Goal(goal_id, 1, "export", "Export", True, segment_id, mappings, settings, position, version)
        self.set_goal(
            msgspec.structs.replace(goal, schedule=schedule, purpose=purpose, compare_first=compare_first)
        )

    def events(
        self,
        goal_id: int = 2,
        segment_id: int = 0,
        event_mappings: Sequence[EventMapping] = (),
        purpose: str = "",
        **settings: object,
    ) -> None:
        """Add a goal that sends events."""
        given = {"start": "beginning", **settings}
        goal = Goal(goal_id, 1, "events", "Events", True, segment_id, [], given, purpose=purpose)
        self.set_goal(msgspec.structs.replace(goal, event_mappings=list(event_mappings)))

    def deletions(self, goal_id: int = 3) -> None:
        """Add a goal that forwards erasures."""
        self.set_goal(Goal(goal_id, 1, "deletions", "Forget", True))

    def use_key(self, sandbox: BrazeSandbox, key: str) -> None:
        """The connection goes to another local Braze, or by another key."""
        (plain,) = self.directory.connected
        settings = {**plain.settings, "endpoint": sandbox.url}
        changed = msgspec.structs.replace(plain, settings=settings, secrets={"api_key": key})
        self.directory.connected = [changed]
        self.directory.version += 1

    def set_goal(self, goal: Goal) -> None:
        """Add or replace a goal."""
        goals = [one for one in self.directory.wanted if one.id != goal.id]
        self.directory.wanted = [*goals, goal]
        self.directory.version += 1


@pytest.fixture(scope="session")
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0, rate_profile="off") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(braze: BrazeSandbox) -> BrazeSandbox:
    braze.clear_faults()
    braze.reset()
    return braze


@pytest.fixture(scope="session")
def guarded() -> Iterator[BrazeSandbox]:
    keys = [{"key": key, "name": key, "permissions": key.split("+")} for key in KEYS]
    with braze_sandbox(delay_ms=0, jitter_ms=0, rate_profile="off", api_keys=keys) as sandbox:
        yield sandbox


@pytest.fixture
def strict(guarded: BrazeSandbox) -> BrazeSandbox:
    """A local Braze with keys that may do little: `KEYS`."""
    guarded.clear_faults()
    guarded.reset()
    return guarded


@pytest.fixture
def world(tmp_path: Path, sandbox: BrazeSandbox) -> Iterator[World]:
    made = World(tmp_path)
    made.directory.connected = [
        Connection(
            1, "Braze", "braze", settings={"endpoint": sandbox.url}, secrets={"api_key": sandbox.api_key}
        )
    ]
    yield made
    made.close()


@pytest.fixture
def renaming(world: World) -> World:
    """Its connection renames whose external id changes."""
    (plain,) = world.directory.connected
    settings = {**plain.settings, "changed_external_id": "rename"}
    world.directory.connected = [msgspec.structs.replace(plain, settings=settings)]
    return world
