"""An event followed through real files: log, state, dedupe runs, delivery."""

from typing import Any

import pytest

from onefold.activate.store import Writes
from onefold.backends.embedded import dedupe
from onefold.clock import DAY, SECOND
from onefold.model.connection import Connection
from onefold.model.delivery import NO_POSITION, Attempt, AttemptState, GoalProgress, Item, Request
from onefold.model.goal import Goal
from onefold.model.outcome import Kind
from onefold.observe.trace import EventTrace, trace_event


@pytest.fixture(autouse=True)
def _sources(site: Any) -> None:
    site.sources.create("web", site.now)
    site.sources.create("ios", site.now)


def trace(site: Any, message_id: str, source: str = "") -> list[EventTrace]:
    found = trace_event(site.traces, message_id, source)
    return found.events if found else []


def add_goal(site: Any) -> None:
    """A connection and a goal, both with the id 1."""
    from cryptography.fernet import Fernet

    from onefold.backends.embedded.control.connections import ConnectionStore

    store = ConnectionStore(site.control, Fernet(Fernet.generate_key()))
    store.create(Connection(0, "Braze", "braze"))
    store.create_goal(Goal(0, 1, "events", "Orders", enabled=True))


def attempt(site: Any, offset: int, position: int, profile_id: int, **changes: Any) -> Attempt:
    values = {
        "request_id": 5,
        "number": 1,
        "connection_id": 1,
        "channel": "track",
        "sent_at": site.now,
        "answered_at": site.now + SECOND,
        "state": AttemptState.ANSWERED,
        "code": "",
        "maybe_doubled": False,
        "goals": [1],
        "profiles": [profile_id],
        "offsets": [offset],
        "positions": [position],
        "parts": ["events"],
        "kinds": [Kind.PASSED],
        **changes,
    }
    return Attempt(**values)


def test_a_passed_event_names_its_profile_and_payload(site: Any) -> None:
    site.capture({"messageId": "other"}, {"messageId": "m", "userId": "u2", "anonymousId": "a"})
    site.fold()
    (event,) = trace(site, "m")
    assert event.source.name == "web"
    assert (event.capture.offset, event.capture.position) == (1, 1)
    assert b"u2" in bytes(event.capture.payload)
    assert event.unify is not None
    assert (event.unify.outcome, event.unify.profile_id) == ("passed", 2)
    assert [(one.decision, one.second) for one in event.unify.links] == [("attach", "anonymous_id:a")]


def test_resends_show_the_first_receipt(site: Any) -> None:
    site.capture({"messageId": "m"})
    site.capture({"messageId": "x"}, {"messageId": "m"})
    site.fold()
    site.capture({"messageId": "m"})
    site.fold()
    first, second, third = trace(site, "m")
    assert first.unify is not None
    assert first.unify.outcome == "passed"
    for event in (second, third):
        assert event.unify is not None
        assert (event.unify.outcome, event.unify.code) == ("filtered", "unify.duplicate")
        assert event.unify.first_receipt is not None
        assert event.unify.first_receipt.offset == 1
        assert event.activate == []


def test_a_message_id_of_two_sources_gives_both(site: Any) -> None:
    site.capture({"messageId": "m"}, source_id=1)
    site.capture({"messageId": "m"}, source_id=2)
    site.fold()
    assert [event.source.name for event in trace(site, "m")] == ["web", "ios"]
    assert [event.source.name for event in trace(site, "m", "ios")] == ["ios"]
    assert [event.source.id for event in trace(site, "m", "1")] == [1]


def test_an_event_not_folded_yet_is_deferred_at_unify(site: Any) -> None:
    site.capture({"messageId": "m"}, {"messageId": "mm"})
    (event,) = trace(site, "m")
    assert event.capture.offset == 1
    assert event.unify is not None
    assert event.unify.outcome == "deferred"


def test_a_refused_event_shows_its_letter(site: Any) -> None:
    site.refuse("m")
    (event,) = trace(site, "m")
    assert event.capture.outcome == "rejected"
    assert event.capture.letter is not None
    assert event.capture.letter.id == "capture-1"
    assert event.unify is None


def test_what_nobody_sent_is_nowhere(site: Any) -> None:
    site.capture({"messageId": "m"})
    site.fold()
    assert trace_event(site.traces, "n") is None
    assert trace_event(site.traces, "m", "nobody") is None


def test_runs_on_disk_are_searched(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedupe, "RUN_HASHES", 10)
    for number in range(40):
        site.capture(*({"messageId": f"{number}-{one}"} for one in range(5)))
        site.fold()
    (event,) = trace(site, "3-4")
    assert (event.capture.offset, event.capture.position) == (4, 4)
    (newest,) = trace(site, "39-0")
    assert newest.capture.offset == 40


def test_events_older_than_the_dedupe_window_are_found(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedupe, "RUN_HASHES", 10)
    site.capture({"messageId": "old"}, *({"messageId": f"{one}"} for one in range(10)))
    site.fold()
    for day in range(4):
        site.now += DAY
        site.capture(*({"messageId": f"{day}-{one}"} for one in range(20)))
        site.fold()
    runs = site.looks._files["state"].rows("select min(first_offset) from dedupe_run")
    assert runs[0][0] > 1
    (event,) = trace(site, "old")
    assert event.capture.offset == 1


def test_attempts_that_carried_the_event_are_shown_by_goal(site: Any) -> None:
    add_goal(site)
    site.capture({"messageId": "m"})
    site.fold()
    writes = Writes()
    failed = attempt(
        site, 1, 0, 1, state=AttemptState.DEFERRED, code="activate.http.no_answer", kinds=[Kind.DEFERRED]
    )
    writes.attempts = [
        failed,
        attempt(site, 1, 0, 1, number=2, maybe_doubled=True),
        attempt(site, 2, 0, 9, request_id=6),
    ]
    site.delivery.apply([writes], site.now)
    (goal,) = trace(site, "m")[0].activate
    assert (goal.connection, goal.goal, goal.outcome) == ("Braze", "Orders", "passed")
    assert [(one.number, one.outcome, one.maybe_doubled) for one in goal.attempts] == [
        (1, "deferred", False),
        (2, "passed", True),
    ]


def test_what_an_event_changed_of_its_profile_is_shown_once(site: Any) -> None:
    add_goal(site)
    site.capture({"messageId": "m"})
    site.fold()
    writes = Writes()
    writes.attempts = [
        attempt(site, 1, NO_POSITION, 1),
        attempt(site, 2, NO_POSITION, 1, request_id=6, answered_at=site.now + 2 * SECOND),
        attempt(site, 1, NO_POSITION, 2, request_id=7),
    ]
    site.delivery.apply([writes], site.now)
    (goal,) = trace(site, "m")[0].activate
    assert [one.request_id for one in goal.attempts] == [5]


def test_an_open_request_is_deferred(site: Any) -> None:
    add_goal(site)
    site.capture({"messageId": "m"})
    site.fold()
    writes = Writes()
    writes.opened = [Request(5, 1, "track", [Item("events", b"{}", 1, 1, 1, 0, site.now)])]
    site.delivery.apply([writes], site.now)
    (goal,) = trace(site, "m")[0].activate
    assert goal.outcome == "deferred"
    assert [one.request_id for one in goal.waiting] == [5]


def test_a_goal_that_sent_nothing_says_whether_it_has_looked(site: Any) -> None:
    add_goal(site)
    site.capture({"messageId": "m"})
    site.fold()
    assert trace(site, "m")[0].activate[0].outcome == "deferred"
    writes = Writes()
    writes.progress = [GoalProgress(1, 1, 1)]
    site.delivery.apply([writes], site.now)
    assert trace(site, "m")[0].activate[0].outcome == "filtered"
