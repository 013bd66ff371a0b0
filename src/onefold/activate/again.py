"""Planning people anew for whom the destination did not do what should have gone before their objects.

What is packed behind counts on it, so the rest must follow in the commit that notes the answer: a kill
between the two would leave someone half told. In: the desk with those people. Out: objects packed.
"""

from collections.abc import Sequence

from onefold.activate.desk import Desk, Place
from onefold.activate.profile_plan import ProfilePlan
from onefold.activate.read import Slice
from onefold.model.delivery import NO_POSITION


def plan_again(desk: Desk, plans: Sequence[ProfilePlan]) -> None:
    """Compare them with the ledgers once more; one query for all, and none where there are none."""
    if not desk.again:
        return
    again, desk.again = desk.again, {}
    piece = Slice.empty()
    desk.feed.load_people(piece, again)
    place = Place(0, NO_POSITION, desk.now)
    for plan in plans:
        if plan.goal.schedule.is_continuous:
            plan.run = desk.runs.hour(plan.goal, desk.now).number
            plan.plan_profiles(desk, [(person, place) for person in piece.people.values()])
            continue
        # Within the run that counted on it; another goal compares them when it runs.
        own = {one: item.run for one, item in again.items() if item.goal_id == plan.goal.id}
        for plan.run in set(own.values()):
            ids = {piece.survivors.get(one, one) for one, run in own.items() if run == plan.run}
            plan.plan_profiles(desk, [(piece.people[one], place) for one in ids if one in piece.people])
