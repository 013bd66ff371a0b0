"""GET /api/v1/connections/{c}/waiting-for-budget: the people for whom there is no room in the budget now."""

import msgspec
from litestar import get
from litestar.params import FromPath

from onefold.api.goals import find_connection, goals_of
from onefold.api.page import ITEMS_DEFAULT, NUMBER_DIGITS_MAX, Cursor, Limit, Page, page_of, read_cursor
from onefold.api.right import SEE
from onefold.api.workspace import Here
from onefold.backends.embedded.delivery_status import PutOff
from onefold.errors import RequestError


class BudgetWaiterView(msgspec.Struct, frozen=True):
    """A person, and the goal that sends them once there is room."""

    profile_id: int
    goal_id: int
    goal: str


@get("/{connection:str}/waiting-for-budget", opt=SEE, sync_to_thread=True)
def list_budget_waiters(
    workspace: Here, connection: FromPath[str], limit: Limit = ITEMS_DEFAULT, cursor: Cursor = ""
) -> Page[BudgetWaiterView]:
    """Who waits for room in the budget, goal by goal; events that wait are counted with their runs."""
    found = find_connection(workspace, connection)
    names = {goal.id: goal.name for goal in goals_of(workspace, found)}
    waiting = workspace.delivery.put_off(sorted(names), _after(cursor), limit + 1)
    return page_of(
        waiting,
        limit,
        lambda one: f"{one.goal_id}:{one.profile_id}",
        lambda one: BudgetWaiterView(one.profile_id, one.goal_id, names[one.goal_id]),
    )


def _after(cursor: str) -> PutOff:
    """Behind whom a page begins.

    Raises:
        RequestError: the cursor is not one of ours.
    """
    key = read_cursor(cursor)
    if not key:
        return PutOff(0, 0)
    goal_id, _, profile_id = key.partition(":")
    if not all(part.isdecimal() and len(part) <= NUMBER_DIGITS_MAX for part in (goal_id, profile_id)):
        raise RequestError("api.bad_cursor", "That cursor is not one of ours.", field="cursor")
    return PutOff(int(goal_id), int(profile_id))
