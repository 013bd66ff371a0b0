"""What a goal of calls on a schedule would do at its next time: for one person, and for everyone in numbers.

In: a goal as it is or would be, its opened destination, readers. Out: as of goals that keep profiles up to
date, without rows. The very code that plans is run on a desk of its own: nothing is sent, nothing is kept.
"""

from collections import Counter
from typing import cast

import msgspec

from onefold.activate.explain import Readers, desk_aside, read_finding
from onefold.activate.moments import MomentPlan
from onefold.activate.preview import AnswerPace, Look, Reach, Sample, items_of, object_look, requests_of
from onefold.activate.read import Slice
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.plugin.contract import Connector, Destination, MomentDestination


class CallPreviewer:
    """A goal, made ready to be looked at."""

    def __init__(
        self, goal: Goal, connector: Connector, connection: Connection, destination: Destination
    ) -> None:
        kind = connector.info.goal(goal.kind)
        assert kind is not None  # noqa: S101 - it was checked as a goal before
        self._goal = msgspec.structs.replace(goal, enabled=True, connection_id=connection.id)
        self._connector = connector
        self._connection = connection
        self._destination = destination
        self._plan = MomentPlan(self._goal, kind, destination)

    def look(self, profile_id: int, readers: Readers, now: int) -> Look | None:
        """One person, if it were time now; None if there is no such profile."""
        desk = desk_aside(self._connection, self._destination, readers, now)
        piece = Slice.empty()
        desk.feed.load_people(piece, [profile_id])
        if not piece.people:
            return None
        self._plan.plan_people(desk, list(piece.people.values()), now)
        shows = cast(MomentDestination, self._destination)
        finding = read_finding(desk, self._connector)
        return Look(finding, "", [], [object_look(*one, shows) for one in items_of(desk)])

    def reach(self, readers: Readers, now: int, members: int, pace: AnswerPace) -> Reach:
        """One time, for everyone; `members` of its segment, as the worker counts them."""
        sample = Sample(self._goal.segment_id, readers)
        desk = desk_aside(self._connection, self._destination, readers, now)
        self._plan.plan_people(desk, sample.people, now)
        items = items_of(desk)
        people = sample.total(members)
        scale = people / len(sample.people) if sample.people else 0.0
        objects = Counter(channel for channel, _ in items)
        requests, seconds = requests_of(objects, scale, self._destination.channels, pace)
        return Reach(
            sample.is_exact,
            people,
            round(len(items) * scale),
            0,
            round(sum(item.cost for _, item in items) * scale),
            requests,
            seconds,
            {
                (outcome, code): round(count * scale)
                for (_, outcome, code), count in desk.writes.counts.items()
            },
        )
