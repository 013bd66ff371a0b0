"""/api/v1/segments/{segment}/growth: its size by UTC day, and how many entered and left on each."""

from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import FromPath, QueryParameter

from onefold.api.right import SEE
from onefold.api.segments import find_segment
from onefold.api.workspace import Here
from onefold.clock import date_of, day_of
from onefold.observe.segment_growth import tell_growth

DAYS_DEFAULT = 90
DAYS_MAX = 3_650
"""Ten years: some 200 KB."""
Days = Annotated[int, QueryParameter(ge=1, le=DAYS_MAX, description="How many, today included.")]


class GrowthDayView(msgspec.Struct, frozen=True):
    """One UTC day, by when Onefold received what moved people."""

    day: str
    entered: int
    left: int
    """Merged into somebody else or erased, too."""
    people: int
    """In it at the end of the day; today: by now."""


class GrowthView(msgspec.Struct, frozen=True):
    """How a segment grew."""

    since: str | None
    """The day from which on it is counted; null: the worker has not come to it yet."""
    days: list[GrowthDayView]
    """Every day asked for since then, oldest first."""


@get("/{segment:str}/growth", opt=SEE, sync_to_thread=True)
def show_growth(workspace: Here, segment: FromPath[str], days: Days = DAYS_DEFAULT) -> GrowthView:
    """A segment's size at the end of each day, and who came and went."""
    today = day_of(workspace.clock())
    first = today - days + 1
    counted = workspace.segment_days.of(find_segment(workspace, segment).definition.id, first)
    if counted is None:
        return GrowthView(None, [])
    views = [
        GrowthDayView(date_of(one.day).isoformat(), one.entered, one.left, one.people)
        for one in tell_growth(counted, first, today)
    ]
    return GrowthView(date_of(counted.since).isoformat(), views)


router = Router("/segments", route_handlers=[show_growth], tags=["Segments"])
