"""Whatever happens while calls on a schedule are made and held: each time calls all once, and adds up."""

import random
from collections import Counter
from datetime import UTC, datetime

import msgspec
import pytest

from onefold.clock import DAY, HOUR, SECOND, from_iso, to_iso
from onefold.model.goal_run import Trigger
from onefold.model.outcome import Kind
from onefold.model.schedule import Schedule, TimesADay

PEOPLE = 9
STEPS = 12
BEGIN = from_iso("2026-11-27T00:30:00Z")
ZONES = ("UTC", "Asia/Tokyo", "America/New_York")
BODY = '{"id": {{ profile.id }}, "key": {{ delivery_id }}, "at": {{ moment.at }}}'


class Story:
    """Steps that a seed decides, and what must hold after each."""

    def __init__(self, world, seed):
        self.world = world
        self.random = random.Random(seed)
        self.at = BEGIN
        self.people = set(range(1, PEOPLE + 1))
        for number in self.people:
            world.person(number, member=True, zone=self.random.choice(ZONES))
        quiet = {"quiet_from": "20:00", "quiet_until": "09:00", "quiet_zone_trait": "zone"}
        schedule = Schedule(TimesADay(3))
        self.goal = world.goal(when="schedule", schedule=schedule, body=BODY, **quiet)

    def clock(self):
        return self.at + int(datetime.now(UTC).timestamp() * SECOND) - self.began

    async def step(self):
        self.began = int(datetime.now(UTC).timestamp() * SECOND)
        self.random.choice(
            (self.later, self.later, self.later, self.long, self.merge, self.cancel, self.turn)
        )()
        await self.world.deliver_all(self.clock)

    def later(self):
        self.at += self.random.choice((HOUR, 4 * HOUR, 8 * HOUR))

    def long(self):
        self.at += 2 * DAY

    def merge(self):
        if len(self.people) > 4:
            survivor, lost = sorted(self.random.sample(sorted(self.people), 2))
            self.people.discard(lost)
            self.world.commit(merged=[(lost, survivor)], at=self.at)
            self.world.state.execute("delete from member where profile_id = ?", (lost,))

    def cancel(self):
        for run in self.world.runs():
            if run.is_open:
                self.world.cancel(run.id)

    def turn(self, *, is_on=False):
        self.goal = msgspec.structs.replace(self.goal, enabled=is_on or not self.goal.enabled)
        self.world.directory.wanted = [self.goal]
        self.world.directory.version += 1

    def check(self):
        held = 0
        for run in self.world.runs():
            assert run.planned == sum(one.count for one in run.reasons) + run.deferred
            assert run.deferred == sum(run.held.values())
            assert run.is_open or not run.deferred
            held += run.deferred
        assert self.world.rows("select count(*) from held") == [(held,)]


@pytest.mark.parametrize("seed", range(6))
async def test_each_time_calls_each_member_once_or_says_why_not(world, seed):
    story = Story(world, seed)
    for _ in range(STEPS):
        await story.step()
        story.check()
    story.turn(is_on=True)
    story.at += DAY
    await world.deliver_all(story.clock)
    story.at += DAY
    await world.deliver_all(story.clock)
    story.check()
    calls = Counter((call.json()["at"], call.json()["key"]) for call in world.api.calls)
    assert set(calls.values()) <= {1}
    passed = Counter(at for at, _ in calls)
    runs = [run for run in world.runs() if run.trigger is Trigger.SCHEDULE]
    assert passed == {to_iso(run.due_at): run.total(Kind.PASSED) for run in runs if run.total(Kind.PASSED)}
    assert len({run.due_at for run in runs}) == len(runs)
    assert passed
