"""What was received lately, read off real files: newest first, filtered, in pieces, and only what is new."""

from collections.abc import Sequence
from typing import Any

import pytest

from onefold.backends.embedded import received as files
from onefold.backends.embedded.received import EmbeddedReceived
from onefold.clock import SECOND
from onefold.model.event import Event
from onefold.model.record import Record, RecordKind
from onefold.observe import received
from onefold.observe.received import ReceivedPage, Sought, find_received
from onefold.observe.received_store import Place


@pytest.fixture
def store(site: Any) -> Any:
    site.sources.create("web", site.now)
    site.sources.create("ios", site.now)
    opened = EmbeddedReceived(site.directory)
    yield opened
    opened.close()


def identify(event: Event) -> Sequence[str]:
    return [f"user_id:{event.user_id}"] if event.user_id else []


def find(store: Any, *, limit: int = 50, before: str = "", after: str = "", **sought: Any) -> ReceivedPage:
    places = [Place(*map(int, one.split("."))) if one else None for one in (before, after)]
    wanted = Sought(**sought)
    names = {1: "web", 2: "ios"}
    return find_received(store, wanted, identify, names, limit=limit, before=places[0], after=places[1])


def ids(page: ReceivedPage) -> list[str]:
    return [one.message_id for one in page.items]


def send(site: Any, *message_ids: str, **event: Any) -> None:
    site.capture(*({"messageId": one, **event} for one in message_ids))
    site.now += SECOND


def test_the_newest_comes_first_and_a_batch_in_its_order(site: Any, store: Any) -> None:
    send(site, "a", "b")
    send(site, "c")
    page = find(store)
    assert ids(page) == ["c", "b", "a"]
    assert page.next_cursor is None
    assert page.looked_at == 3


def test_nothing_was_received_yet(store: Any) -> None:
    page = find(store)
    assert (page.items, page.next_cursor, page.back_to, page.arrived) == ([], None, None, None)


def test_an_event_waits_until_the_worker_has_it(site: Any, store: Any) -> None:
    send(site, "a", userId="ada")
    assert find(store).items[0].outcome == "deferred"
    site.fold()
    (one,) = find(store).items
    assert (one.outcome, one.person, one.source, one.name, one.type) == (
        "passed", "user_id:ada", "web", "Seen", "track",
    )  # fmt: skip
    assert one.profile_id


def test_a_resend_is_filtered(site: Any, store: Any) -> None:
    send(site, "a")
    send(site, "a")
    site.fold()
    first, second = find(store).items
    assert (first.outcome, first.code) == ("filtered", "unify.duplicate")
    assert second.outcome == "passed"
    assert ids(find(store, outcome="filtered")) == ["a"]


def test_what_capture_refused_stands_among_the_events(site: Any, store: Any) -> None:
    send(site, "a")
    site.refuse("bad")
    site.now += SECOND
    send(site, "c")
    page = find(store)
    assert ids(page) == ["c", "bad", "a"]
    refused = page.items[1]
    assert (refused.outcome, refused.code, refused.offset) == ("rejected", "capture.missing_field", None)
    assert refused.letter_id == "capture-1"
    assert ids(find(store, outcome="rejected")) == ["bad"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_repeat_and_lose_nothing(site: Any, store: Any, limit: int) -> None:
    send(site, "a", "b", "c")
    site.refuse("x")
    send(site, "d")
    send(site, "e", "f")
    site.refuse("y")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = find(store, limit=limit, before=cursor)
        seen += ids(page)
        cursor = page.next_cursor
    assert sorted(seen) == ["a", "b", "c", "d", "e", "f", "x", "y"]
    assert [one for one in seen if one not in "xy"] == ["f", "e", "d", "c", "b", "a"]


def test_filters_are_by_source_type_name_message_and_person(site: Any, store: Any) -> None:
    send(site, "a", event="Order Completed", userId="ada")
    send(site, "b", event="Seen", userId="bob")
    send(site, "c", type="page", name="Home", event="")
    site.capture({"messageId": "d"}, source_id=2)
    assert ids(find(store, source_id=2)) == ["d"]
    assert ids(find(store, type="page")) == ["c"]
    assert ids(find(store, name="order")) == ["a"]
    assert ids(find(store, name="home")) == ["c"]
    assert ids(find(store, message_id="b")) == ["b"]
    assert ids(find(store, identifier="BOB")) == ["b"]
    site.fold()
    profile_id = find(store, message_id="a").items[0].profile_id
    assert ids(find(store, profile_id=profile_id)) == ["a"]


def test_only_what_came_since_and_how_many(site: Any, store: Any) -> None:
    send(site, "a")
    newest = find(store).newest
    assert ids(find(store, after=newest)) == []
    send(site, "b", "c", "d")
    site.refuse("x")
    page = find(store, after=newest, limit=2)
    assert (ids(page), page.arrived) == (["x", "d"], 4)
    assert ids(find(store, after=newest, before=page.next_cursor or "")) == ["c", "b"]
    assert find(store, after=page.newest).arrived == 0


def test_a_rare_filter_gives_an_empty_page_and_a_place_to_go_on(
    site: Any, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(received, "EVENTS_MAX", 4)
    monkeypatch.setattr(files, "PIECE_RECORDS", 1)
    send(site, "rare", event="Rare")
    for number in range(6):
        send(site, f"m{number}", f"n{number}")
    first = find(store, name="rare")
    assert (first.items, first.looked_at) == ([], 4)
    cursor, found = first.next_cursor, []
    while cursor:
        page = find(store, name="rare", before=cursor)
        found += ids(page)
        cursor = page.next_cursor
    assert found == ["rare"]


def test_an_event_without_an_id_has_the_one_that_its_trace_has(site: Any, store: Any) -> None:
    site.capture({"userId": "ada"})
    (one,) = find(store).items
    assert one.message_id.startswith("derived-")


def test_a_record_that_cannot_be_read_says_nothing_and_hides_nothing(site: Any, store: Any) -> None:
    send(site, "a")
    site.log.append([Record(RecordKind.EVENTS, 1, site.now, 1, b'{"type": 5}')])
    assert ids(find(store)) == ["", "a"]


def test_what_was_erased_is_not_shown(site: Any, store: Any) -> None:
    send(site, "a", "b")
    site.log.erase_events({1: [0]})
    assert ids(find(store)) == ["b"]


def test_payloads_come_only_if_asked_for(site: Any, store: Any) -> None:
    send(site, "a")
    assert find(store).items[0].payload is None
    assert b'"messageId": "a"' in bytes(find(store, with_payload=True).items[0].payload)
