"""/api/v1/segments/preview: who would be in a segment now, before it is kept; quick enough while typing.

In: a condition, and the segment that it would change. Out: people now, and who would enter and leave, from
the profiles as they are. Nothing is written. What takes longer than `COUNT_S_MAX` is estimated from those
looked at until then. Whoever may ask can make segments: how many people have a value tells about people.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import Any

import msgspec
from litestar import Request, Router, post
from litestar.params import JSONBody

from onefold.api.profiles import ProfileView, profile_view
from onefold.api.right import may
from onefold.api.segment_past import read_past
from onefold.api.segments import checked_condition, find_segment, segment_names
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.everyone import Everyone
from onefold.model.access import Right
from onefold.model.json import JsonValue
from onefold.model.profile import Profile
from onefold.model.segment import Condition, EventCondition, SegmentState
from onefold.pipeline.past import Aggregates
from onefold.segment.preview import Question, Tally, answered, ask, tally
from onefold.segment.words import describe, describe_counted

COUNT_S_MAX = 1.0
"""Longer, and who types has typed on. One preview at a time: two would share one interpreter with capture."""
READ_S_MAX = 2.0
"""For the log before that: it takes a quarter of it, unless the machine is busy."""


class NewSegmentPreview(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition that is not kept yet."""

    condition: dict[str, JsonValue]
    segment: str = ""
    """Name or id of the segment that it would change: who would enter, who would leave."""


class CoverageView(msgspec.Struct, frozen=True):
    """How many of the people have an identifier of a kind."""

    kind: str
    people: int


class SegmentPreviewView(msgspec.Struct, frozen=True):
    """Who would be in it. Not `is_exact`: estimated from `looked_at` people spread over all."""

    words: str
    people: int | None
    """Null where only a fill can tell; then it is from `people_min` to `people_max`."""
    people_min: int
    people_max: int
    is_exact: bool
    looked_at: int
    people_now: int | None
    """Of the segment that it would change, as it is."""
    entering: int | None
    leaving: int | None
    coverage: list[CoverageView]
    """The kind that most have first."""
    sample: list[ProfileView]
    """Up to ten of them."""
    needs_fill: list[str]
    """What of events nobody counts yet, in words: known when the segment is filled."""
    took_ms: int


@post("/preview", opt=may(Right.SEGMENT, audited=False), status_code=200)
async def preview_segment(
    workspace: Here, data: JSONBody[NewSegmentPreview], request: Request[Any, Any, Any]
) -> SegmentPreviewView:
    """Count who would be in a segment now, and who would enter and leave the one that it changes."""
    gone = threading.Event()
    turn: asyncio.Lock = request.app.state.preview_turn
    watch = asyncio.create_task(_wait_until_gone(request))
    watch.add_done_callback(lambda _: gone.set())
    try:
        async with turn:
            return await asyncio.to_thread(
                preview_condition, workspace, data.condition, data.segment, is_given_up=gone.is_set
            )
    finally:
        watch.cancel()


def preview_condition(
    workspace: Workspace,
    document: JsonValue,
    segment: str = "",
    *,
    count_s_max: float = COUNT_S_MAX,
    is_given_up: Callable[[], bool] = lambda: False,
) -> SegmentPreviewView:
    """The answer, for whoever is in a thread of their own.

    Args:
        workspace: whose people.
        document: the condition as JSON.
        segment: id or name of the segment that it would change; empty for a new one.
        count_s_max: how long to count at most; then it is estimated.
        is_given_up: whether nobody waits for the answer any more.

    Raises:
        RequestError: there is no such segment, or the condition cannot be used.
    """
    started = time.monotonic()
    stored = find_segment(workspace, segment) if segment else None
    segment_id = stored.definition.id if stored else 0
    condition = checked_condition(workspace, document, segment_id)

    known = workspace.people.segments()
    kept = [one.definition for one in known.values() if one.state == SegmentState.LIVE]
    deadline = partial(_deadline, is_given_up)
    found, needs = _count(workspace, ask(condition, kept), segment_id, count_s_max, deadline)
    status = known.get(segment_id)
    return _view(
        workspace,
        condition,
        found,
        people_now=(status.people if status else 0) if stored else None,
        needs_fill=[describe_counted(one) for one in needs],
        took_ms=round(1000 * (time.monotonic() - started)),
    )


def _count(
    workspace: Workspace,
    question: Question,
    segment_id: int,
    count_s_max: float,
    deadline: Callable[[float], Callable[[], bool]],
) -> tuple[Tally, Sequence[EventCondition]]:
    """What was found, and what could not be told."""
    past: Aggregates = {}
    with closing(Everyone(workspace.data_dir)) as everyone:
        ids = everyone.last_id()
        if ids and question.needs:
            read = read_past(workspace, question.needs, everyone, is_over=deadline(READ_S_MAX))
            if read is not None:
                past, question = read, answered(question)

        def between(first: int, last: int) -> list[Profile]:
            profiles = everyone.between(first, last)
            for one in profiles:
                one.counters.update(past.get(one.id, {}))
            return profiles

        clock = workspace.people.position().clock
        is_over = deadline(count_s_max)
        found = tally(question, between, ids=ids, clock=clock, segment_id=segment_id, is_over=is_over)
    return found, question.needs


def _deadline(is_given_up: Callable[[], bool], seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: is_given_up() or time.monotonic() >= until


async def _wait_until_gone(request: Request[Any, Any, Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _view(
    workspace: Workspace,
    condition: Condition,
    found: Tally,
    *,
    people_now: int | None,
    needs_fill: list[str],
    took_ms: int,
) -> SegmentPreviewView:
    names = segment_names(workspace)
    is_known = found.least == found.most
    is_change = people_now is not None
    coverage = sorted(found.coverage.items(), key=lambda one: (-one[1], one[0]))
    return SegmentPreviewView(
        words=describe(condition, names),
        people=found.of_all(found.most) if is_known else None,
        people_min=found.of_all(found.least),
        people_max=found.of_all(found.most),
        is_exact=is_known and found.is_whole,
        looked_at=found.people_looked_at,
        people_now=people_now,
        entering=found.of_all(found.entering) if is_known and is_change else None,
        leaving=found.of_all(found.leaving) if is_known and is_change else None,
        coverage=[CoverageView(kind, found.of_all(people)) for kind, people in coverage],
        sample=[profile_view(one, names) for one in found.sample],
        needs_fill=needs_fill,
        took_ms=took_ms,
    )


router = Router("/segments", route_handlers=[preview_segment], tags=["Segments"])
