"""What may not be paid for now: people wait to be compared again, events are held until there is room.

In: items for which the budget has no room. Out: nothing of them is under way. A person's fields are not kept:
they are what they are by then, which sends each change once at most. Who waits, and in which run, is kept in
a ledger of its own, a mark a person: so a run counts everyone once, and goes on with them once there is room.
"""

from collections.abc import Iterable, Sequence

from onefold.activate.desk import Desk
from onefold.activate.ledger import WAITS_IN, put_off_ledger
from onefold.activate.outbox import Parcels
from onefold.activate.purse import SPENT
from onefold.activate.settle import keep
from onefold.model.delivery import Held, Item
from onefold.model.goal import Goal
from onefold.model.outcome import Kind

PUT_OFF = "activate.put_off"
"""The person waits for room in the budget already, in an earlier run: sent is what holds by then."""
MERGED = "activate.merged"
"""The person turned out to be another one, who waits, too."""
PAGE = 500
"""People who go on in one cycle: live changes go between."""


def pay_for(desk: Desk, admitted: Sequence[Parcels]) -> list[Parcels]:
    """Those of these requests that still have something to carry; the others are closed."""
    return [parcels for parcels in admitted if _lighten(desk, parcels)]


def _lighten(desk: Desk, parcels: Parcels) -> bool:
    request = parcels.request
    refused = desk.purse.pay(request.id, request.items)
    if not refused:
        return True
    for goal_id in {item.goal_id for item in refused}:
        fetch(desk, goal_id, [item.profile_id for item in refused if item.goal_id == goal_id])
    for item in refused:
        desk.book.cancel(item, desk.writes, may_be_held=request.maybe_doubled)
        if _is_of_fields(item):
            desk.due_people.append((item.goal_id, item.profile_id))
        put_off(desk, request.connection_id, request.channel, item)
    gone = {id(item) for item in refused}
    return keep(desk, parcels, [item for item in request.items if id(item) not in gone])


def put_off(desk: Desk, connection_id: int, channel: str, item: Item) -> None:
    """Let an item wait that its run has planned."""
    if not _is_of_fields(item):
        desk.runs.hold(item, SPENT)
        desk.writes.held.append(Held(0, connection_id, desk.purse.opens_at, channel, item))
        return
    waits_in = run_of(desk, item.goal_id, item.profile_id)
    if waits_in is None:
        _note(desk, item.goal_id, item.profile_id, item.run)
    elif waits_in == item.run:
        desk.runs.plan(item.run, -1)
    else:
        desk.writes.counts[f"{connection_id}/{item.goal_id}", Kind.FILTERED, PUT_OFF] += 1
        desk.runs.count(item.run, Kind.FILTERED, PUT_OFF, 1)


def put_off_person(desk: Desk, goal: Goal, profile_id: int, run: int) -> int | None:
    """Let someone wait of whom nothing was planned; the run in which they wait already, if they do."""
    waits_in = run_of(desk, goal.id, profile_id)
    if waits_in is None:
        desk.runs.plan(run)
        _note(desk, goal.id, profile_id, run)
    return waits_in


def fetch(desk: Desk, goal_id: int, profile_ids: Iterable[int]) -> None:
    """Have at hand who waits. One query, or none where nobody does."""
    if goal_id in desk.waiting_goals:
        desk.book.fetch(put_off_ledger(goal_id), profile_ids)


def run_of(desk: Desk, goal_id: int, profile_id: int) -> int | None:
    """The run in which someone waits; None if they do not."""
    if goal_id not in desk.waiting_goals:
        return None
    return desk.book.expected(put_off_ledger(goal_id), profile_id).get(WAITS_IN)


def waiting_page(desk: Desk, goal_id: int, after: int) -> list[int]:
    """A page of those who waited at the last commit, by profile; since then some may have merged."""
    ledger_id = put_off_ledger(goal_id)
    page = desk.book.page(ledger_id, after, PAGE)
    desk.book.fetch(ledger_id, page)
    return page


def take_up(desk: Desk, goal_id: int, run: int, profile_id: int) -> None:
    """Someone waits no longer; who goes on is planned anew."""
    desk.book.note(put_off_ledger(goal_id), profile_id, {WAITS_IN: None}, desk.writes)
    desk.runs.put_off(run, -1)
    desk.runs.plan(run, -1)


def end(desk: Desk, goal: tuple[int, int], run: int, profile_id: int, code: str) -> None:
    """Someone waits no longer, and nothing goes; `goal` are the ids of its connection and its own."""
    connection_id, goal_id = goal
    desk.book.note(put_off_ledger(goal_id), profile_id, {WAITS_IN: None}, desk.writes)
    desk.runs.put_off(run, -1)
    desk.runs.count(run, Kind.FILTERED, code, 1)
    desk.writes.counts[f"{connection_id}/{goal_id}", Kind.FILTERED, code] += 1


def join_waiting(desk: Desk, goal: Goal, old: int, new: int) -> None:
    """Two profiles become one: of two who wait, the survivor does."""
    lost = run_of(desk, goal.id, old)
    if lost is not None and run_of(desk, goal.id, new) is not None:
        end(desk, (goal.connection_id, goal.id), lost, old, MERGED)


def _note(desk: Desk, goal_id: int, profile_id: int, run: int) -> None:
    desk.waiting_goals.add(goal_id)
    desk.book.note(put_off_ledger(goal_id), profile_id, {WAITS_IN: run}, desk.writes)
    desk.runs.put_off(run, 1)


def _is_of_fields(item: Item) -> bool:
    """Whether it sets fields of a goal; what is not compared with a ledger is an event or a call."""
    return item.marks is not None and item.ledger_id > 0
