"""/api/v1/catalogue: the names that occur here, for whoever writes a condition or a mapping.

Events come from the totals of a year; traits, identifiers and purposes from profiles spread over all;
properties from the newest records. It is made at most once in `FRESH_S`, whoever asks.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import msgspec
from litestar import Router, get
from litestar.datastructures import State

from onefold.api.right import SEE
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.event_totals import TotalsFilter
from onefold.backends.embedded.everyone import Everyone
from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.clock import day_of
from onefold.log.log import LogReader
from onefold.model.profile import Profile
from onefold.model.record import Record
from onefold.observe.names_seen import (
    NAMES_MAX,
    NameSeen,
    identifiers_seen,
    properties_seen,
    purposes_seen,
    traits_seen,
)
from onefold.segment.preview import blocks

FRESH_S = 15.0
PROFILES_MAX = 1000
BLOCK_IDS = 50
RECORDS_MAX = 2000
"""Newest records whose properties are looked at."""
EVENTS_MAX = 3000
DAYS = 365


class EventNameSeen(msgspec.Struct, frozen=True):
    """An event, how often it happened in a year, and its properties."""

    name: str
    count: int
    properties: list[NameSeen]
    """Of the newest events."""


class CatalogueView(msgspec.Struct, frozen=True):
    """Names that occur, the most frequent first."""

    events: list[EventNameSeen]
    """`$identify`, `$page` and such for events without a name."""
    traits: list[NameSeen]
    identifiers: list[str]
    purposes: list[str]


class Catalogue:
    """The last answer, while it is fresh. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made_at = 0.0
        self._made: CatalogueView | None = None

    def show(self, workspace: Workspace) -> CatalogueView:
        """What occurs, as of some seconds ago; who comes while it is made waits for it."""
        with self._lock:
            if self._made is None or time.monotonic() - self._made_at > FRESH_S:
                self._made, self._made_at = _make(workspace), time.monotonic()
            return self._made


@get("/", opt=SEE, sync_to_thread=True)
def show_catalogue(workspace: Here, state: State) -> CatalogueView:
    """The names of events, properties, traits, identifiers and purposes that occur here, with examples."""
    catalogue: Catalogue = state.catalogue
    return catalogue.show(workspace)


def _make(workspace: Workspace) -> CatalogueView:
    profiles = _some_profiles(workspace)
    since = TotalsFilter(first_day=day_of(workspace.clock()) - DAYS)
    totals = workspace.totals.page(["event"], since, count_max=10_000)
    totals.sort(key=lambda one: -one.count)
    with closing(EmbeddedLogReader(workspace.data_dir)) as log:
        properties = properties_seen(_newest_records(log))
    return CatalogueView(
        [
            EventNameSeen(name, one.count, properties.get(name, []))
            for one in totals[:NAMES_MAX]
            if (name := one.event)
        ],
        traits_seen(profiles),
        identifiers_seen(profiles),
        purposes_seen(profiles),
    )


def _some_profiles(workspace: Workspace) -> list[Profile]:
    found: list[Profile] = []
    with closing(Everyone(workspace.data_dir)) as everyone:
        for first, last in blocks(everyone.last_id(), BLOCK_IDS):
            found += everyone.between(first, last)
            if len(found) >= PROFILES_MAX:
                break
    return found


def _newest_records(log: LogReader) -> Iterator[Record]:
    end = log.end()
    after, left = max(end - RECORDS_MAX, 0), EVENTS_MAX
    while left > 0 and (records := log.read(after, events_max=left)):
        yield from records
        after, left = records[-1].offset, left - sum(one.count for one in records)


router = Router("/catalogue", route_handlers=[show_catalogue], tags=["Catalogue"])
