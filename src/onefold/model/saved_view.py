"""A saved view: the filters of a list of the pages, kept under a name.

In: what stands behind the question mark of a page's address. Out: its filters, those that hold values of
people apart from the others: only who sees personal data is shown them.
"""

from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import parse_qsl

Filters = dict[str, str]

QUERY_CHARS_MAX = 2000
"""What browsers and proxies take as an address without a question."""
FILTERS_MAX = 20
"""No list has as many."""
OPENED = "view"
"""By this name an address says which view it began as: nothing that is filtered by."""


class ListPage(StrEnum):
    """A page of which views are kept, by its address."""

    PROFILES = "profiles"
    SEGMENTS = "segments"
    EVENTS = "events"
    DEAD_LETTERS = "dead-letters"
    RUNS = "runs"
    CONNECTIONS = "connections"


PLAIN: Mapping[ListPage, frozenset[str]] = {
    ListPage.PROFILES: frozenset({"segment"}),
    ListPage.SEGMENTS: frozenset({"search"}),
    ListPage.EVENTS: frozenset({"source", "type", "name", "profile", "outcome"}),
    ListPage.DEAD_LETTERS: frozenset({"state", "code", "connection", "run", "source"}),
    ListPage.RUNS: frozenset({"kind"}),
    ListPage.CONNECTIONS: frozenset({"search", "label"}),
}
"""Filters that hold no value of a person. One that a page gets and that is not added here is taken for one
that does: it is hidden too often, never too seldom."""


def read_query(query: str) -> Filters:
    """The filters that an address says, empty ones left out.

    Raises:
        ValueError: that is no query, or it says a filter twice, or too many; the message is for people.
    """
    try:
        pairs = parse_qsl(query.removeprefix("?"), errors="strict")
    except UnicodeDecodeError as error:
        raise ValueError("It is not written as addresses are.") from error
    pairs = [(name, value) for name, value in pairs if name not in ("", OPENED)]
    filters = dict(pairs)
    if len(filters) < len(pairs):
        raise ValueError("It says a filter twice.")
    if not 1 <= len(filters) <= FILTERS_MAX:
        raise ValueError("It says no filter." if not filters else f"It says more than {FILTERS_MAX} filters.")
    return filters


def part_filters(page: ListPage, filters: Filters) -> tuple[Filters, Filters]:
    """Those without, and those with values of people."""
    plain = {name: value for name, value in filters.items() if name in PLAIN[page]}
    return plain, {name: value for name, value in filters.items() if name not in plain}
