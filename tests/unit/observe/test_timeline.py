"""Joining what several places know of a person into one stream."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.observe.test_trace import attempt

from onefold.activate.store import Writes
from onefold.backends.embedded import timeline as files
from onefold.backends.embedded.timeline import EmbeddedTimeline
from onefold.clock import MINUTE
from onefold.model.outcome import Kind
from onefold.observe.timeline import ALL, NEWEST, Entry, EntryKind, Place, Stream, Stretch, join_stretches


def entry(kind: EntryKind, number: int, at: int = 0) -> Entry:
    return Entry(at or number, (number, 0, ""), kind, None)


def stretch(kind: EntryKind, *numbers: int, reached_at: int = ALL) -> Stretch:
    place = (numbers[-1], 0, "") if numbers else (1, 0, "")
    return Stretch([entry(kind, number) for number in numbers], place, reached_at)


def numbers(stream: Stream) -> list[int]:
    return [one.place[0] for one in stream.entries]


def test_places_are_joined_newest_first() -> None:
    stream = join_stretches({"event": stretch("event", 9, 5, 1), "link": stretch("link", 7, 3)}, {}, 10)
    assert numbers(stream) == [9, 7, 5, 3, 1]
    assert stream.reached_at == ALL


def test_a_full_page_goes_on_behind_its_last_entry() -> None:
    places: dict[EntryKind, Place] = {"event": NEWEST, "link": NEWEST}
    stream = join_stretches({"event": stretch("event", 9, 5, 1), "link": stretch("link", 2)}, places, 2)
    assert numbers(stream) == [9, 5]
    assert stream.places == {"event": (5, 0, ""), "link": NEWEST}
    assert stream.reached_at == 5


def test_nothing_is_shown_before_something_newer_may_be_found_elsewhere() -> None:
    first = join_stretches(
        {"event": stretch("event", reached_at=6), "link": stretch("link", 7, 3)}, {"link": NEWEST}, 10
    )
    assert numbers(first) == [7]
    assert first.places == {"event": (1, 0, ""), "link": (7, 0, "")}
    assert first.reached_at == 6


def test_a_page_without_entries_still_goes_on() -> None:
    stream = join_stretches({"event": stretch("event", reached_at=6)}, {"event": NEWEST}, 10)
    assert (stream.entries, stream.places, stream.reached_at) == ([], {"event": (1, 0, "")}, 6)


def test_times_out_of_their_order_neither_hide_nor_repeat_an_entry() -> None:
    mixed = Stretch(
        [entry("event", 3, at=10), entry("event", 2, at=12), entry("event", 1, at=8)], (1, 0, ""), 9
    )
    stream = join_stretches({"event": mixed, "link": stretch("link", 11)}, {}, 10)
    assert [(one.kind, one.place[0]) for one in stream.entries] == [
        ("link", 11),
        ("event", 3),
        ("event", 2),
        ("event", 1),
    ]
    assert stream.reached_at == 8


@pytest.fixture
def kept(site: Any) -> Iterator[EmbeddedTimeline]:
    found = EmbeddedTimeline(site.directory)
    yield found
    found.close()


def deliver(site: Any, *profile_ids: int, **changes: Any) -> None:
    site.wait()
    many = {"goals": [1, 2], "offsets": [1] * 2, "positions": [0] * 2, "parts": ["a"] * 2} | {
        "profiles": list(profile_ids),
        "kinds": [Kind.PASSED, Kind.REJECTED],
    }
    writes = Writes()
    writes.attempts = [attempt(site, 1, 0, 1, **{**many, **changes})]
    site.delivery.apply([writes], site.now)


def test_tries_tell_only_the_items_of_the_person(site: Any, kept: EmbeddedTimeline) -> None:
    deliver(site, 7, 8)
    deliver(site, 9, 10)
    deliver(site, 8, 300)
    found = kept.deliveries([8], NEWEST, 0, 10)
    assert [one.content.items for one in found.entries] == [[(1, Kind.PASSED)], [(2, Kind.REJECTED)]]
    assert found.reached_at == ALL
    assert kept.deliveries([300, 7], NEWEST, 0, 1).entries[0].content.items == [(2, Kind.REJECTED)]


def test_tries_are_told_of_everyone_who_was_merged_into_the_person(site: Any, kept: EmbeddedTimeline) -> None:
    deliver(site, 7, 1150)
    (found,) = kept.deliveries(range(1000, 1151), NEWEST, 0, 10).entries
    assert found.content.items == [(2, Kind.REJECTED)]


def test_so_many_tries_are_looked_through_a_page(
    site: Any, kept: EmbeddedTimeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "TRIES_LOOKED_AT", 2)
    for _ in range(5):
        deliver(site, 7, 8)
    place, found = NEWEST, 0
    for _ in range(3):
        stretch = kept.deliveries([7], place, 0, 10)
        place, found = stretch.place, found + len(stretch.entries)
    assert (found, stretch.reached_at) == (5, ALL)
    # Before anything was known of the person, nothing was sent for them.
    assert kept.deliveries([7], NEWEST, site.now + 10 * MINUTE, 10).reached_at == ALL


def test_nothing_is_known_before_there_are_files(kept: EmbeddedTimeline) -> None:
    assert kept.events([1], NEWEST, 0, 10).entries == []
    assert kept.memberships([1], NEWEST, 0, 10).entries == []
    assert kept.deliveries([1], NEWEST, 0, 10).entries == []
    assert kept.kept_since() == {}
