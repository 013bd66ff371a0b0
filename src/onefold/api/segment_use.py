"""/api/v1/segments/{segment}/used-by and …/overlap: what builds on a segment, and whom it shares with others.

Overlap is told from the masks of the segment's members: all of up to `MEMBERS_MAX`, else of so many that are
spread over all.
"""

from collections.abc import Iterator
from contextlib import closing

import msgspec
from litestar import Router, get
from litestar.params import FromPath

from onefold.api.goals import goals_of_segment
from onefold.api.right import SEE
from onefold.api.segments import find_segment, segments_asking
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.everyone import Everyone
from onefold.model.profile import Profile
from onefold.segment.preview import blocks

MEMBERS_MAX = 5000
"""Members whose masks are read: a share of them is right to some two percent."""


class UsingSegment(msgspec.Struct, frozen=True):
    """A segment whose condition asks about this one."""

    id: int
    name: str


class UsingGoal(msgspec.Struct, frozen=True):
    """A goal that is for this segment, or tells of it."""

    id: int
    name: str
    enabled: bool
    connection_id: int
    connection: str


class SegmentUseView(msgspec.Struct, frozen=True):
    """What would miss the segment."""

    segments: list[UsingSegment]
    goals: list[UsingGoal]


class SharedView(msgspec.Struct, frozen=True):
    """Another segment, and how many people are in it, too."""

    id: int
    name: str
    people: int
    both: int


class OverlapView(msgspec.Struct, frozen=True):
    """Whom a segment shares with others; not `is_exact`: estimated from `looked_at` members."""

    people: int
    is_exact: bool
    looked_at: int
    segments: list[SharedView]
    """The one that shares most first."""


@get("/{segment:str}/used-by", opt=SEE, sync_to_thread=True)
def show_segment_use(workspace: Here, segment: FromPath[str]) -> SegmentUseView:
    """The segments and goals that build on a segment."""
    stored = find_segment(workspace, segment)
    names = {one.id: one.name for one in workspace.connections.page()}
    return SegmentUseView(
        [
            UsingSegment(one.definition.id, one.definition.name)
            for one in segments_asking(workspace, stored.definition.id)
        ],
        [
            UsingGoal(goal.id, goal.name, goal.enabled, goal.connection_id, names.get(goal.connection_id, ""))
            for goal in goals_of_segment(workspace, stored.definition.id)
        ],
    )


@get("/{segment:str}/overlap", opt=SEE, sync_to_thread=True)
def show_overlap(workspace: Here, segment: FromPath[str]) -> OverlapView:
    """How many people of a segment are in each other one, too."""
    segment_id = find_segment(workspace, segment).definition.id
    known = workspace.people.segments()
    people = known[segment_id].people if segment_id in known else 0
    looked_at, shared = 0, dict.fromkeys(known, 0)
    for profile in _members(workspace, segment_id, people):
        looked_at += 1
        for other in profile.member_since:
            if other in shared:
                shared[other] += 1
    is_exact = looked_at >= people
    views = [
        SharedView(
            other,
            status.definition.name,
            status.people,
            shared[other] if is_exact else round(shared[other] * people / looked_at),
        )
        for other, status in known.items()
        if other != segment_id
    ]
    return OverlapView(people, is_exact, looked_at, sorted(views, key=lambda one: (-one.both, one.id)))


def _members(workspace: Workspace, segment_id: int, people: int) -> Iterator[Profile]:
    with closing(Everyone(workspace.data_dir)) as everyone:
        last_id, looked_at = everyone.last_id(), 0
        # Few members stand together: one range; of many, ranges that are spread over all.
        size = max(last_id, 1) if people <= MEMBERS_MAX else 200
        for first, last in blocks(last_id, size):
            found = everyone.members_between(segment_id, first, last)
            yield from found
            looked_at += len(found)
            if looked_at >= MEMBERS_MAX:
                return


router = Router("/segments", route_handlers=[show_segment_use, show_overlap], tags=["Segments"])
