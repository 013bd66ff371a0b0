"""Whatever happens to people, goals and budget, in any order: who waits is counted once, and goes in time."""

import random

import msgspec
import pytest

from onefold.activate.ledger import put_off_ledger
from onefold.clock import DAY, HOUR, now
from onefold.model.budget import Budget
from onefold.model.schedule import ByHand, Schedule

PEOPLE = 12
STEPS = 14


class Story:
    """Steps that a seed decides, and what must hold after each."""

    def __init__(self, world, seed):
        self.world = world
        self.random = random.Random(seed)
        self.plans = dict.fromkeys(range(1, PEOPLE + 1), "a")
        self.hour, self.events, self.erased, self.waited = 8, 0, 0, 0
        world.export("plan", goal_id=1)
        world.export("plan_at_times", goal_id=2, schedule=Schedule(ByHand()), position=1)
        world.events(goal_id=3)
        for number in self.plans:
            self.keep(number)
        self.limit(4)
        self.set_clock()

    def keep(self, number):
        plan = self.plans[number]
        self.world.person(number, user_id=f"u{number}", plan=plan, plan_at_times=plan)

    def limit(self, per_day):
        (connection,) = self.world.directory.connected
        changed = msgspec.structs.replace(
            connection, budget=Budget(per_day=per_day), version=connection.version + 1
        )
        self.world.directory.connected = [changed]
        self.world.directory.version += 1

    def set_clock(self):
        begun = now()
        self.world.clock = lambda: begun - begun % DAY + self.hour * HOUR + now() - begun

    def step(self):
        steps = (self.change, self.change, self.happen, self.merge, self.erase, self.run, self.cancel)
        self.random.choice((*steps, self.spend, self.spend, self.later, self.turn))()

    def change(self):
        for number in self.random.sample(sorted(self.plans), min(3, len(self.plans))):
            self.plans[number] = self.random.choice("abcd")
            self.keep(number)
            self.world.commit(number)

    def happen(self):
        self.events += 1
        event = {"type": "track", "event": "Seen", "messageId": f"m{self.events}"}
        self.world.commit(events=[(self.random.choice(sorted(self.plans)), event)])

    def merge(self):
        if len(self.plans) > 4:
            survivor, lost = sorted(self.random.sample(sorted(self.plans), 2))
            del self.plans[lost]
            self.world.commit(survivor, merged=[(lost, survivor)])

    def erase(self):
        if len(self.plans) > 4:
            lost = self.random.choice(sorted(self.plans))
            del self.plans[lost]
            self.erased += 1
            self.world.erase(lost, offset=self.erased)

    def run(self):
        self.world.ask(2)

    def cancel(self):
        self.world.directory.cancelled |= {run.id for run in self.world.runs(2) if run.is_open}
        self.world.directory.version += 1

    def spend(self):
        self.limit(self.random.choice((1, 6, 12, 20, 60)))

    def later(self):
        self.hour += 1
        self.set_clock()

    def turn(self, *, is_on=False):
        goal = next(one for one in self.world.directory.wanted if one.id == 1)
        self.world.set_goal(msgspec.structs.replace(goal, enabled=is_on or not goal.enabled))

    def check(self):
        runs = self.world.runs()
        for run in runs:
            waits = run.put_off + sum(run.held.values())
            assert run.put_off >= 0
            assert run.deferred >= waits, run
            assert run.is_open or not run.deferred, run
        for goal_id in (1, 2):
            ledger = put_off_ledger(goal_id)
            rows = self.world.rows("select count(*) from ledger where ledger_id = ?", ledger)
            waits = sum(run.put_off for run in runs if run.goal_id == goal_id)
            assert rows == [(waits,)], f"goal {goal_id}"
            self.waited += waits
        held = sum(sum(run.held.values()) for run in runs)
        assert self.world.rows("select count(*) from held") == [(held,)]


@pytest.mark.parametrize("seed", range(6))
async def test_the_books_balance_in_any_order_and_everyone_gets_what_holds_in_the_end(world, sandbox, seed):
    story = Story(world, seed)
    for _ in range(STEPS):
        story.step()
        await world.deliver_all()
        story.check()
    assert story.waited
    story.limit(10_000)
    story.turn(is_on=True)
    await world.deliver_all()
    story.run()
    await world.deliver_all()
    story.check()
    assert world.rows("select count(*) from held") == [(0,)]
    assert all(not run.deferred for run in world.runs())
    sandbox.flush()
    found = {number: (sandbox.user(f"u{number}") or {}).get("custom_attributes") for number in story.plans}
    assert found == {number: {"plan": plan, "plan_at_times": plan} for number, plan in story.plans.items()}
