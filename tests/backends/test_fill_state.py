"""A segment filled late must end like one that was there from the start: real log, worker and fill."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onefold.backends.embedded.fill_state import EmbeddedFillState
from onefold.backends.embedded.log import EmbeddedLog
from onefold.backends.embedded.state import EmbeddedState
from onefold.clock import DAY, HOUR, from_iso, to_iso
from onefold.model.profile import canonical_profile, decode_profile
from onefold.model.record import Record, RecordKind
from onefold.model.segment import (
    All,
    Any,
    EventCondition,
    Last,
    Not,
    SegmentCondition,
    SegmentDefinition,
    TraitCondition,
    Where,
)
from onefold.model.segment import Test as Compare
from onefold.pipeline import fill
from onefold.pipeline.fill import FillProgress, cancel_fill, fill_segment
from onefold.pipeline.worker import Worker, make_reader
from onefold.segment.evaluator import compile_segments
from onefold.unify.settings import UnifySettings

NOW = from_iso("2026-03-15T10:30:00")
SHOES = [Where("category", Compare.EQUALS, "shoes")]
NOT_HATS = [Where("category", Compare.NOT_EQUALS, "hats")]
DEFINITIONS = [
    SegmentDefinition(
        1, 1, "Spenders", EventCondition("Bought", Compare.AT_LEAST, 5, "sum", "price", where=SHOES)
    ),
    SegmentDefinition(
        2,
        1,
        "Recent",
        Any(
            [
                EventCondition("Bought", value=2, window=Last(3), where=NOT_HATS),
                EventCondition("Bought", window=Last(5, "hours"), where=NOT_HATS),
            ]
        ),
    ),
    SegmentDefinition(
        3, 1, "Both", All([SegmentCondition(1), Not(TraitCondition("plan", Compare.EQUALS, "pro"))])
    ),
]

PAGE: list[dict[str, object]] = [{"type": "page", "anonymousId": "z"}]

people = st.sampled_from(["a", "b", "c", "d", "e"])
events = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.just("track"),
            "event": st.just("Bought"),
            "anonymousId": people,
            "hours_ago": st.integers(0, 200),
            "properties": st.sampled_from([{}, {"category": "shoes", "price": 2.5}, {"category": "hats"}]),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("identify"),
            "anonymousId": people,
            "userId": st.sampled_from(["u1", "u2"]),
            "traits": st.sampled_from([{}, {"plan": "pro"}]),
        }
    ),
)
records = st.lists(st.lists(events, min_size=1, max_size=4), max_size=6)


class Workspace:
    """A data directory with its log and its worker."""

    def __init__(self, directory: str) -> None:
        self.log = EmbeddedLog(Path(directory))
        self.state = EmbeddedState(Path(directory))
        self.worker = Worker(self.log, self.state, compile_segments)
        self.reader = EmbeddedFillState(Path(directory))
        self.at = NOW
        self.sent = 0

    def close(self) -> None:
        self.reader.close()
        self.state.close()
        self.log.close()

    def work(self) -> None:
        while self.worker.step():
            pass

    def send(self, batch: list[dict[str, object]]) -> None:
        body = []
        for event in batch:
            self.sent += 1
            back = event.get("hours_ago", 0)
            assert isinstance(back, int)
            body.append({**event, "messageId": f"m{self.sent}", "timestamp": to_iso(self.at - back * HOUR)})
        self.log.append([Record(RecordKind.EVENTS, 1, self.at, len(body), msgspec.json.encode(body))])

    def put(self, definitions: Iterable[SegmentDefinition]) -> dict[int, int]:
        puts = {
            one.id: self.log.append([Record(RecordKind.SEGMENT_PUT, 0, self.at, 0, msgspec.json.encode(one))])
            for one in definitions
        }
        self.work()
        return puts

    def filling(self, definition: SegmentDefinition, put_offset: int) -> Iterator[FillProgress]:
        """A fill, step by step."""
        return fill_segment(
            definition,
            put_offset,
            log=self.log,
            state=self.reader,
            reader=make_reader(UnifySettings()),
            append=lambda record: self.log.append([record]),
            wait_applied=self.applied,
            is_cancelled=lambda: False,
        )

    def fill(
        self, definition: SegmentDefinition, put_offset: int, meanwhile: list[list[dict[str, object]]]
    ) -> None:
        """Fill, with an event arriving behind each range and the process dying at each second one."""
        waiting = iter(meanwhile)
        for attempt in range(100):
            ends = [""]
            for report in self.filling(definition, put_offset):
                ends.append(report.end)
                if report.unit == "people" and attempt % 2 == 0:
                    break
                if report.unit == "people":
                    self.send(next(waiting, []) or PAGE)
            if ends[-1] == "filled":
                break
        assert ends[-1] == "filled"
        for batch in waiting:
            self.send(batch)
        self.work()

    def redefine_and_cancel(self, ranges: int, meanwhile: list[list[dict[str, object]]]) -> None:
        """Put another version, fill a little of it while events come, and take it back, dying once."""
        definition = SegmentDefinition(1, 2, "Others", EventCondition("Bought", where=NOT_HATS))
        put_offset = self.put([definition])[1]
        waiting = iter(meanwhile)
        filling = self.filling(definition, put_offset)
        for report, _ in zip(filling, range(ranges), strict=False):
            assert report.end != "filled"
            self.send(next(waiting, PAGE))
        for is_second in (False, True):
            ends = [""]
            for report in cancel_fill(
                1,
                2,
                state=self.reader,
                append=lambda record: self.log.append([record]),
                wait_applied=self.applied,
            ):
                ends.append(report.end)
                self.send(next(waiting, PAGE))
                if not is_second:
                    break
        assert ends[-1] == "restored"
        for batch in waiting:
            self.send(batch)
        self.work()

    def applied(self, offset: int) -> bool:
        self.work()
        return self.reader.applied_to() >= offset

    def result(self) -> tuple[object, object]:
        profiles = [decode_profile(body) for _, body in self.state.profiles_between(0, 10**9)]
        members = {one.id: self.state.members(one.id, 1000) for one in DEFINITIONS}
        found = {}
        for profile in profiles:
            if "z" not in profile.identifiers.get("anonymous_id", {}):
                profile.member_since = {}
                found[profile.id] = canonical_profile(profile, self.at)
        return found, members


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(records, records)
def test_filled_late_equals_defined_from_the_start(
    before: list[list[dict[str, object]]], after: list[list[dict[str, object]]]
) -> None:
    fill.RANGE_PROFILES, ranges = 2, fill.RANGE_PROFILES
    results = []
    try:
        for is_late in (False, True):
            with tempfile.TemporaryDirectory() as directory:
                workspace = Workspace(directory)
                try:
                    if not is_late:
                        for segment_id, offset in workspace.put(DEFINITIONS).items():
                            workspace.fill(DEFINITIONS[segment_id - 1], offset, [])
                    for batch in before:
                        workspace.send(batch)
                    workspace.work()
                    if is_late:
                        offsets = workspace.put(DEFINITIONS)
                        for definition in DEFINITIONS:
                            meanwhile = after if definition.id == 1 else []
                            workspace.fill(definition, offsets[definition.id], meanwhile)
                    else:
                        for batch in after:
                            workspace.send(batch)
                    workspace.work()
                    # A tick days later lets the windows expire in both.
                    workspace.log.append([Record(RecordKind.TICK, 0, NOW + DAY, 0, b"")])
                    workspace.work()
                    results.append(workspace.result())
                finally:
                    workspace.close()
    finally:
        fill.RANGE_PROFILES = ranges
    assert results[0] == results[1]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(records, records, st.integers(0, 1))
def test_a_redefinition_taken_back_ends_like_none(
    before: list[list[dict[str, object]]], after: list[list[dict[str, object]]], ranges: int
) -> None:
    fill.RANGE_PROFILES, ranges_before = 1, fill.RANGE_PROFILES
    # Enough people that no fill of so many ranges ends.
    crowd = [[{"type": "identify", "userId": user, "anonymousId": user} for user in "abcde"]]
    results = []
    try:
        for is_redefined in (False, True):
            with tempfile.TemporaryDirectory() as directory:
                workspace = Workspace(directory)
                try:
                    for segment_id, offset in workspace.put(DEFINITIONS).items():
                        workspace.fill(DEFINITIONS[segment_id - 1], offset, [])
                    for batch in crowd + before:
                        workspace.send(batch)
                    workspace.work()
                    if is_redefined:
                        workspace.redefine_and_cancel(ranges, after)
                    else:
                        for batch in after:
                            workspace.send(batch)
                    workspace.log.append([Record(RecordKind.TICK, 0, NOW + DAY, 0, b"")])
                    workspace.work()
                    results.append(workspace.result())
                finally:
                    workspace.close()
    finally:
        fill.RANGE_PROFILES = ranges_before
    assert results[0] == results[1]
