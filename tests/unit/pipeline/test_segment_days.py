"""The law of growth: after each day a segment has the size that its members say, however it is folded."""

import itertools
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onefold.backends.embedded.compare import compare_states
from onefold.backends.embedded.database import open_reader
from onefold.backends.embedded.segment_days import EmbeddedSegmentDays
from onefold.clock import DAY, HOUR
from onefold.model.record import Record
from onefold.model.segment import SegmentFill
from onefold.observe.segment_growth import GrowthDay, tell_growth
from onefold.pipeline.settings import WorkerSettings
from onefold.pipeline.worker import Worker
from onefold.segment.evaluator import compile_segments
from onefold.testing.fold import (
    START,
    MemoryLog,
    StateTemplate,
    drop_segment,
    erase_person,
    events_record,
    fill_segment,
    make_event,
    put_segment,
    tick,
)

BOUGHT = {"kind": "event", "event": "Bought", "window": {"kind": "last", "amount": 2, "unit": "hours"}}
GOLD = {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}
CONDITIONS = [BOUGHT, GOLD, {"kind": "not", "condition": GOLD}]
LAWS = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def live(segment_id: int, condition: object, version: int, at: int) -> list[Record]:
    """Put, and filled in two pieces."""
    return [
        put_segment(segment_id, condition, version=version, at=at),  # type: ignore[arg-type]
        fill_segment(SegmentFill(segment_id, version, 1, 2, done=False), at),
        fill_segment(SegmentFill(segment_id, version, 3, 99, done=True), at + 3 * HOUR),
    ]


@st.composite
def happenings(draw: st.DrawFn, number: int, at: int) -> list[Record]:
    """What four people on two devices do, and what is done to them and to two segments."""
    who = f"u{draw(st.integers(1, 4))}"
    device = draw(st.sampled_from(["", "", "a1", "a2"]))
    known = {"userId": who} | ({"anonymousId": device} if device else {})
    message_id = f"m{draw(st.integers(max(0, number - 3), number))}"  # at times one that was there before
    match draw(st.integers(0, 10)):
        case 0 | 1 | 2:
            return [events_record(make_event(message_id, event="Bought") | known, at=at)]
        case 3 | 4 | 5:
            plan = {"plan": draw(st.sampled_from(["gold", "silver"]))}
            return [events_record(make_event(message_id, "identify", traits=plan) | known, at=at)]
        case 6:
            return [events_record(make_event(message_id, event="Bought", anonymous_id="a1"), at=at)]
        case 7 | 8:
            return live(
                draw(st.sampled_from([1, 2])), draw(st.sampled_from(CONDITIONS)), number + 2, at - 3 * HOUR
            )
        case 9:
            return [erase_person(draw(st.integers(1, 5)), f"run-{number}", at)]
        case _:
            return [drop_segment(draw(st.sampled_from([1, 2])), at) if draw(st.booleans()) else tick(at)]


@st.composite
def histories(draw: st.DrawFn) -> list[Record]:
    records = [*live(1, BOUGHT, 1, START), *live(2, GOLD, 1, START)]
    now = START + 9 * HOUR
    for number in range(draw(st.integers(5, 25))):
        now += draw(st.sampled_from([0, HOUR, 5 * HOUR, 9 * HOUR, DAY]))
        records += draw(happenings(number, now))
    return records


def worker_of(log: MemoryLog, store: object, batch: int) -> Worker:
    sizes = WorkerSettings(batch_events_max=batch)
    return Worker(log, store, compile_segments, settings=sizes)  # type: ignore[arg-type]


def drain(worker: Worker) -> None:
    while worker.step():
        pass


def sizes_of(directory: Path) -> Counter[int]:
    """Members by segment."""
    connection = open_reader(directory, "state")
    rows = connection.execute("select segment_id, count(*) from member group by 1").fetchall()
    connection.close()
    return Counter(dict(rows))


def growth_of(directory: Path, segment_id: int, last: int) -> list[GrowthDay]:
    reader = EmbeddedSegmentDays(directory)
    counted = reader.of(segment_id, 0)
    reader.close()
    return tell_growth(counted, 0, last) if counted else []


@LAWS
@given(histories(), st.integers(1, 9))
def test_a_segment_grows_as_its_members_say(
    template: StateTemplate, records: list[Record], batch: int
) -> None:
    with TemporaryDirectory() as root:
        directory = Path(root)
        store, log = template.open(directory), MemoryLog()
        worker = worker_of(log, store, batch)
        truth: dict[int, Counter[int]] = {}
        clock = 0
        for day, some in itertools.groupby(records, lambda one: one.received_at // DAY):
            for record in some:
                log.append(record)
                clock = max(clock, day)
            drain(worker)
            truth[clock] = sizes_of(directory)
        store.close()
        for segment_id in (1, 2):
            told = {one.day: one.people for one in growth_of(directory, segment_id, clock)}
            since = min(told, default=clock + 1)
            known = {day: sizes[segment_id] for day, sizes in truth.items() if day >= since}
            assert {day: told[day] for day in known} == known


@LAWS
@given(histories(), st.integers(1, 9), st.integers(1, 60))
def test_any_batching_and_any_crash_count_the_same_days(
    template: StateTemplate, records: list[Record], batch: int, calls: int
) -> None:
    class Killed:
        """The store, until one of its calls does not come back: it is done, or it is not."""

        def __getattr__(self, name: str) -> object:
            nonlocal calls
            calls -= 1
            if calls == 0:
                raise RuntimeError("killed")
            return getattr(store, name)

    with TemporaryDirectory() as root:
        whole = template.open(Path(root, "whole"))
        drain(worker_of(MemoryLog(records), whole, 1000))
        whole.close()
        store = template.open(Path(root, "killed"))
        for _ in range(2):
            try:
                drain(worker_of(MemoryLog(records), Killed(), batch))
            except RuntimeError:
                continue
        store.close()
        assert compare_states(Path(root, "whole", "state.db"), Path(root, "killed", "state.db")) == []
