"""The laws of the fold: any batching, any crash, any replay, and without conflicts any order."""

import itertools
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onefold.backends.embedded.compare import compare_states
from onefold.backends.embedded.database import open_reader
from onefold.backends.embedded.people import EmbeddedPeople
from onefold.backends.embedded.state import EmbeddedState
from onefold.clock import DAY, HOUR, MINUTE, to_iso
from onefold.errors import StorageError
from onefold.model.identity_rules import IdentityRules
from onefold.model.outcome import Kind
from onefold.model.profile import Profile, canonical_profile
from onefold.model.record import Record
from onefold.model.segment import SegmentFill
from onefold.pipeline.segments import Compile
from onefold.pipeline.settings import WorkerSettings
from onefold.pipeline.worker import Worker
from onefold.segment.evaluator import Evaluator, compile_segments
from onefold.testing.fold import (
    START,
    MemoryLog,
    StateTemplate,
    drop_segment,
    erase_person,
    events_record,
    fill_segment,
    make_event,
    put_identity,
    put_segment,
    tick,
)
from onefold.unify.settings import UnifySettings

LAWS = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
BOUGHT = {
    "kind": "event",
    "event": "Order Completed",
    "window": {"kind": "last", "amount": 2, "unit": "hours"},
}
SHOES = {
    "kind": "event",
    "event": "Order Completed",
    "measure": "sum",
    "property": "price",
    "value": 10,
    "window": {"kind": "last", "amount": 2, "unit": "days"},
    "where": [{"property": "category", "test": "equals", "value": "shoes"}],
}
PRO = {"kind": "trait", "trait": "plan", "test": "equals", "value": "pro"}
ALLOWS = {"kind": "consent", "purpose": "email"}
SEGMENTS = [
    put_segment(1, BOUGHT),
    put_segment(2, {"kind": "all", "conditions": [PRO, {"kind": "not", "condition": BOUGHT}]}),
    put_segment(3, SHOES),
    put_segment(4, {"kind": "segment", "segment_id": 1}),
    put_segment(6, {"kind": "any", "conditions": [ALLOWS, {**ALLOWS, "purpose": "ads", "state": "refused"}]}),
    *(fill_segment(SegmentFill(one, 1, 1, 0, done=True)) for one in (1, 2, 3, 4, 6)),
]
RULES = st.sampled_from(
    [
        IdentityRules(currency="EUR", blocked_values=("ann", "a1")),
        IdentityRules(trait_identifiers={"plan": "contract"}),
        IdentityRules(currency="CHF", blocked_values=("Pro",), trait_identifiers={"plan": "contract"}),
    ]
)


def identifiers(*, conflicts: bool) -> st.SearchStrategy[dict[str, str]]:
    """Two user ids on one device conflict; in a world without, a device has one owner."""
    if not conflicts:
        one = st.sampled_from(["ann", "bob"])
        return st.builds(
            lambda who, device, known: (
                {"anonymousId": f"{who}-{device}"} | ({"userId": who} if known else {})
            ),
            one,
            st.sampled_from(["phone", "laptop"]),
            st.booleans(),
        )
    return st.fixed_dictionaries(
        {},
        optional={
            "userId": st.sampled_from(["ann", "bob", "null"]),
            "anonymousId": st.sampled_from(["a1", "a2", "a3"]),
        },
    )


WRITES = st.one_of(
    st.tuples(st.sampled_from(["plan", "tags"]), st.just("set"), st.sampled_from(["pro", ["a"], None])),
    st.tuples(st.just("plan"), st.just("set_if_empty"), st.sampled_from(["free", "pro"])),
    st.tuples(st.sampled_from(["tags", "plan"]), st.just("add"), st.sampled_from(["a", "b", ["b", "c"], 1])),
    st.tuples(st.sampled_from(["points", "tags"]), st.just("sum"), st.sampled_from([1, 0.1, "2.50", "no"])),
)
SEEN = st.fixed_dictionaries(
    {"interaction_id": st.sampled_from(["spring", "autumn", 7, None])},
    optional={
        "name": st.sampled_from(["Spring", "Sale"]),
        "channel": st.sampled_from(["site", "email"]),
        "kind": st.sampled_from(["banner", 1.5]),
        "campaign_id": st.sampled_from(["spring", "c1"]),
        "campaign_name": st.sampled_from(["Sale", "Welcome"]),
    },
)


@st.composite
def events(draw: st.DrawFn, number: int, latest: int, conflicts: bool) -> dict[str, object]:
    kind = draw(
        st.sampled_from(
            ["track", "identify", "page", "alias", "import"] if conflicts else ["track", "identify", "import"]
        )
    )
    occurred = latest - draw(st.integers(0, 3 * DAY // MINUTE)) * MINUTE
    event = make_event(f"m{number}", kind, timestamp=to_iso(occurred)) | draw(
        identifiers(conflicts=conflicts)
    )
    if kind == "track":
        names = ["Order Completed", "Product Viewed", "Consent Updated", "Interaction Viewed", "Email Opened"]
        event["event"] = draw(st.sampled_from(names))
        event["properties"] = {
            "price": draw(st.sampled_from([1, 9.99, 20])),
            "category": draw(st.sampled_from(["shoes", "hats"])),
            "revenue": draw(st.sampled_from([5, 0.1, "12.50", None])),
        }
        if event["event"] == "Consent Updated":
            states = st.sampled_from(["consented", "refused", "unset", "perhaps"])
            event["properties"] = {
                "purposes": draw(st.dictionaries(st.sampled_from(["email", "ads"]), states, max_size=2))
            }
        if event["event"] in ("Interaction Viewed", "Email Opened"):
            event["properties"] = draw(SEEN)
    if kind == "identify":
        event["traits"] = {"plan": draw(st.sampled_from(["pro", "free", None]))}
        if conflicts:
            event["traits"]["email"] = draw(st.sampled_from(["x@y.de", "X@Y.de ", "z@y.de", "nobody"]))
    if kind == "import":
        event["writes"] = draw(st.lists(WRITES, max_size=3))
        event["create"] = draw(st.booleans()) if conflicts else True
    if kind == "alias" and conflicts:
        event["previousId"] = draw(st.sampled_from(["a1", "a2"]))
    return event


@st.composite
def logs(draw: st.DrawFn) -> list[Record]:
    """Records with arrays, duplicates, ticks, jumps of time, refused events and segments coming and going.

    Rules of identity change among them, some by records that come late or twice.
    """
    records: list[Record] = list(SEGMENTS) if draw(st.booleans()) else []
    now = START
    sent: list[dict[str, object]] = []
    for number in range(draw(st.integers(1, 25))):
        now += draw(st.sampled_from([0, 1000, MINUTE, HOUR, 3 * HOUR, DAY]))
        match draw(st.integers(0, 10)):
            case 0:
                records.append(tick(now))
            case 1 if sent:
                records.append(events_record(draw(st.sampled_from(sent)), at=now))
            case 2:
                records.append(events_record(make_event(f"bad{number}", "identify", traits=[1]), at=now))
            case 3:
                segment_id = draw(st.sampled_from([1, 3, 5]))
                version = number + 2
                records.append(put_segment(segment_id, SHOES, version=version, at=now))
                if draw(st.booleans()):
                    records.append(fill_segment(SegmentFill(segment_id, version, 1, 2, done=False), now))
                    records.append(fill_segment(SegmentFill(segment_id, version, 3, 99, done=True), now))
            case 4:
                records.append(drop_segment(draw(st.sampled_from([1, 2, 5])), now))
            case 5:
                records.append(erase_person(draw(st.integers(1, 4)), f"run-{number}", now))
            case 6:
                version = draw(st.integers(1, number + 1))
                records.append(put_identity(draw(RULES), version=version, at=now))
            case _:
                made = [draw(events(number * 10 + one, now, True)) for one in range(draw(st.integers(1, 4)))]
                sent += made
                records.append(events_record(*made, at=now))
    return records


NARROW = UnifySettings(interactions_max=2)
"""So few interactions a profile that some are dropped."""
STEPS_MAX = 2000
"""More steps than any of these logs needs: a worker that does not come to an end fails instead of hanging."""


def drain(worker: Worker) -> None:
    for _ in range(STEPS_MAX):
        if not worker.step():
            return
    raise AssertionError("the worker does not come to the end of the log")


def fold(
    records: list[Record],
    directory: Path,
    template: StateTemplate,
    batch: int = 1000,
    cached: int = 1000,
    *,
    compile_all: Compile = compile_segments,
    unify: UnifySettings = NARROW,
) -> Path:
    store = template.open(directory)
    sizes = WorkerSettings(batch_events_max=batch, profiles_cached=cached, identifiers_cached=cached)
    worker = Worker(MemoryLog(records), store, compile_all, unify=unify, settings=sizes)
    drain(worker)
    store.close()
    return directory / "state.db"


def assert_equal(one: Path, other: Path) -> None:
    assert compare_states(one, other) == []


@LAWS
@given(logs(), st.integers(1, 30), st.integers(0, 3))
def test_any_batching_and_any_cache_give_the_same_state(
    template: StateTemplate, records: list[Record], batch: int, cached: int
) -> None:
    with TemporaryDirectory() as root:
        whole = fold(records, Path(root, "whole"), template)
        parts = fold(records, Path(root, "parts"), template, batch, cached)
        assert_equal(whole, parts)


class AskingAll(Evaluator):
    """Asks every rule after every event."""

    def evaluate_after(  # noqa: PLR0917
        self, profile: Profile, clock: int, allowed: int, mask: int, event: str, changed: int
    ) -> tuple[int, int]:
        return self.evaluate(profile, clock, allowed)


@LAWS
@given(logs())
def test_asking_only_the_rules_that_an_event_concerns_gives_the_same_state(
    template: StateTemplate, records: list[Record]
) -> None:
    with TemporaryDirectory() as root:
        few = fold(records, Path(root, "few"), template)
        every = fold(records, Path(root, "every"), template, compile_all=AskingAll)
        assert_equal(few, every)


class Failing:
    """A store whose n-th call fails, before or after the real one did its work in memory."""

    def __init__(self, store: EmbeddedState, calls_until_failure: int) -> None:
        self._store = store
        self._left = calls_until_failure

    def __getattr__(self, name: str) -> object:
        self._left -= 1
        if self._left == 0:
            raise RuntimeError("killed")
        return getattr(self._store, name)


@LAWS
@given(logs(), st.integers(1, 40), st.integers(1, 5), st.booleans())
def test_failing_anywhere_and_going_on_gives_the_same_state(
    template: StateTemplate, records: list[Record], calls: int, batch: int, restart: bool
) -> None:
    with TemporaryDirectory() as root:
        whole = fold(records, Path(root, "whole"), template)
        directory = Path(root, "failing")
        store = template.open(directory)
        worker = None
        sizes = WorkerSettings(batch_events_max=batch)
        failing = Failing(store, calls)
        for _ in range(2):
            try:
                if worker is None or restart:
                    worker = Worker(
                        MemoryLog(records),
                        failing,  # type: ignore[arg-type]
                        compile_segments,
                        unify=NARROW,
                        settings=sizes,
                    )
                drain(worker)
            except RuntimeError:
                continue
        if worker is not None:
            drain(worker)
        store.close()
        assert_equal(whole, fold(records, directory, template))


@LAWS
@given(logs(), st.integers(0, 6), st.integers(1, 7))
def test_failing_inside_a_commit_leaves_nothing_behind(
    template: StateTemplate, records: list[Record], at: int, batch: int
) -> None:
    with TemporaryDirectory() as root:
        whole = fold(records, Path(root, "whole"), template)
        store = template.open(Path(root, "torn"))
        sizes = WorkerSettings(batch_events_max=batch)
        worker = Worker(MemoryLog(records), store, compile_segments, unify=NARROW, settings=sizes)
        steps = itertools.count()
        inner = store._write_position

        def torn(writes: object) -> None:
            inner(writes)  # type: ignore[arg-type]
            if next(steps) == at:
                raise OSError("killed")

        store._write_position = torn  # type: ignore[method-assign]
        while True:
            try:
                if not worker.step():
                    break
            except StorageError:
                continue
        store.close()
        assert_equal(whole, Path(root, "torn", "state.db"))


class Refusing:
    """A connection whose n-th commit the disk refuses, though every statement before it went well."""

    def __init__(self, connection: sqlite3.Connection, at: int) -> None:
        self._connection = connection
        self._left = at

    def execute(self, query: str, *values: object) -> sqlite3.Cursor:
        if query == "commit":
            self._left -= 1
            if not self._left:
                raise sqlite3.OperationalError("disk I/O error")
        return self._connection.execute(query, *values)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


@LAWS
@given(logs(), st.integers(1, 6), st.integers(1, 7))
def test_what_was_read_ahead_of_a_commit_that_fails_is_read_again(
    template: StateTemplate, records: list[Record], at: int, batch: int
) -> None:
    with TemporaryDirectory() as root:
        whole = fold(records, Path(root, "whole"), template)
        store = template.open(Path(root, "refused"))
        store._connection = Refusing(store._connection, at)  # type: ignore[assignment]
        sizes = WorkerSettings(batch_events_max=batch)
        worker = Worker(MemoryLog(records), store, compile_segments, unify=NARROW, settings=sizes)
        try:
            drain(worker)
        except StorageError:
            drain(worker)
        store.close()
        assert_equal(whole, Path(root, "refused", "state.db"))


def people_of(directory: Path) -> list[object]:
    reader = EmbeddedPeople(directory)
    clock = reader.position().clock
    people = [canonical_profile(profile, clock) for profile in reader.profiles_after(0, 100)]
    reader.close()
    return sorted(people, key=repr)


def totals_of(directory: Path) -> list[tuple[object, ...]]:
    connection = open_reader(directory, "state")
    rows = connection.execute(
        "select day, source_id, event, currency, count, revenue from event_total"
    ).fetchall()
    connection.close()
    return [(*row[:5], float(row[5])) for row in rows]


@LAWS
@given(st.data())
def test_any_order_and_repetition_without_conflicts_give_the_same_people(
    template: StateTemplate, data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, 12))
    made = [data.draw(events(number, START, False)) for number in range(count)]
    shuffled = data.draw(st.permutations(made)) + data.draw(st.lists(st.sampled_from(made), max_size=5))
    with TemporaryDirectory() as root:
        for name, some in (("one", made), ("other", shuffled)):
            records = [*SEGMENTS, *(events_record(event, at=START + 1000) for event in some)]
            fold([*records, tick(START + DAY)], Path(root, name), template, unify=UnifySettings())
        assert people_of(Path(root, "one")) == people_of(Path(root, "other"))
        assert totals_of(Path(root, "one")) == totals_of(Path(root, "other"))


@LAWS
@given(logs())
def test_received_is_the_sum_of_outcomes(template: StateTemplate, records: list[Record]) -> None:
    with TemporaryDirectory() as root:
        fold(records, Path(root), template, 3)
        connection = open_reader(Path(root), "state")
        counts = connection.execute("select stage, kind, sum(count) from counter group by 1, 2").fetchall()
        connection.close()
    received = sum(record.count for record in records)
    passed = sum(count for stage, kind, count in counts if stage == "unify" and kind == Kind.PASSED)
    assert sum(count for stage, _, count in counts if stage == "unify") == received
    assert sum(count for stage, _, count in counts if stage == "segment") == passed


@LAWS
@given(logs(), st.integers(1, 4))
def test_erasing_leaves_no_row_of_the_person_and_counts_everyone_once(
    template: StateTemplate, records: list[Record], profile_id: int
) -> None:
    with TemporaryDirectory() as root:
        fold([*records, erase_person(profile_id, at=START + 99 * DAY)], Path(root), template)
        connection = open_reader(Path(root), "state")
        body = connection.execute("select body from erasure where run_id = 'run-1'").fetchone()[0]
        gone = set(msgspec.json.decode(body)["profile_ids"])
        left = {
            *connection.execute("select id from profile"),
            *connection.execute("select profile_id from identifier"),
            *connection.execute("select profile_id from member"),
            *connection.execute("select profile_id from membership_log"),
            *connection.execute("select profile_id from timer"),
            *connection.execute("select profile_id from link union select other_profile_id from link"),
            *connection.execute("select old from alias union select new from alias"),
        }
        assert gone.isdisjoint(one for (one,) in left)
        known = connection.execute("select value from meta where name = 'known'").fetchone()[0]
        people = dict(connection.execute("select segment_id, count(*) from member group by 1"))
        told = dict(connection.execute("select id, people from segment where people > 0"))
        connection.close()
        reader = EmbeddedPeople(Path(root))
        profiles = reader.profiles_after(0, 100)
        reader.close()
        assert known == sum(any(kind != "anonymous_id" for kind in one.identifiers) for one in profiles)
        assert people == told
