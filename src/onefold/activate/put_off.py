"""What may not be paid for now: people are compared again once there is room, events are held until then.

In: items for which the budget has no room. Out: nothing of them is under way. A person's fields are not kept:
they are what they are by then, which sends each change once at most.
"""

from collections.abc import Sequence

from onefold.activate.desk import Desk
from onefold.activate.outbox import Parcels
from onefold.activate.purse import put_off
from onefold.activate.settle import keep


def pay_for(desk: Desk, admitted: Sequence[Parcels]) -> list[Parcels]:
    """Those of these requests that still have something to carry; the others are closed."""
    return [parcels for parcels in admitted if _lighten(desk, parcels)]


def _lighten(desk: Desk, parcels: Parcels) -> bool:
    request, writes = parcels.request, desk.writes
    refused = desk.purse.pay(request.id, request.items)
    if not refused:
        return True
    for item in refused:
        desk.runs.plan(item.run, -1)
        desk.book.cancel(item, writes, may_be_held=request.maybe_doubled)
        if item.marks is not None:
            desk.due_people.append((item.goal_id, item.profile_id))
        put_off(desk.purse, writes, desk.due_goals, request.connection_id, request.channel, item)
    gone = {id(item) for item in refused}
    return keep(desk, parcels, [item for item in request.items if id(item) not in gone])
