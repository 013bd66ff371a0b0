"""Whose values are read back: everyone of a goal, or a sample that is evenly spread over all ids.

In: a comparison and how far it has come. Out: the next page of profile ids, and how far it reaches.
"""

from collections.abc import Callable
from typing import NamedTuple

from onefold.activate.desk import Desk
from onefold.activate.profile_plan import ProfilePlan
from onefold.model.comparison import Comparison
from onefold.model.goal import EVERYONE

PAGE = 400
"""People of one page: they are compared in one cycle, within some tens of milliseconds."""
WINDOWS = 100
"""Of a sample, so many stretches of ids: early people differ from late ones."""

Pages = Callable[[int, int], list[int]]
"""A page of ids behind one, at most so many."""


class IdPage(NamedTuple):
    """The next people; `to` is the id up to which all is looked at then, `windows` how many of a sample's."""

    ids: list[int]
    to: int
    windows: int = 0
    is_last: bool = False


def next_page(comparison: Comparison, desk: Desk, plan: ProfilePlan, after: int) -> IdPage:
    """The people behind an id. A query or, of a sample, one for each of its windows."""
    pages = _pages(comparison, desk, plan)
    sample = comparison.wish.sample
    if sample and not after and not comparison.people:
        comparison.last_id = desk.feed.state.last_profile()
        comparison.is_sample = len(pages(0, sample + 1)) > sample
    if comparison.is_sample:
        return _sample_page(comparison, pages)
    ids = pages(after, PAGE)
    return IdPage(ids, ids[-1] if ids else after, is_last=len(ids) < PAGE)


def _sample_page(comparison: Comparison, pages: Pages) -> IdPage:
    """Windows until the page is full; where one holds too few, the next ones make up for it."""
    windows = min(WINDOWS, comparison.wish.sample)
    found: list[int] = []
    done, to = comparison.windows_done, 0
    while done < windows and len(found) < PAGE:
        start, end = (comparison.last_id * place // windows for place in (done, done + 1))
        wanted = comparison.wish.sample * (done + 1) // windows - comparison.people - len(found)
        found += [one for one in pages(start, max(0, wanted)) if one <= end]
        done, to = done + 1, end
    return IdPage(found, to, done, is_last=done >= windows)


def _pages(comparison: Comparison, desk: Desk, plan: ProfilePlan) -> Pages:
    """Those who are in the goal's ledger; all whom the goal is for where that says nothing of them."""
    goal, state = plan.goal, desk.feed.state
    if not comparison.wish.is_first and not plan.rows.contested:
        return lambda after, limit: desk.book.page(goal.id, after, limit)
    if goal.segment_id != EVERYONE:
        return lambda after, limit: state.members_after(goal.segment_id, after, limit)
    return lambda after, limit: [one for one, _ in state.profiles_after(after, limit)]
