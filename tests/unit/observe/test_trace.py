"""An event followed through real files: log, state, dedupe runs, delivery."""

from typing import Any

import pytest

from onefold.activate.store import NewLetter, Writes
from onefold.backends.embedded import dedupe
from onefold.clock import DAY, SECOND
from onefold.model.connection import Connection
from onefold.model.delivery import (
    NO_POSITION,
    Attempt,
    AttemptState,
    ConnectionState,
    GoalProgress,
    Item,
    Request,
)
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, SeenValue
from onefold.model.outcome import Kind
from onefold.model.schedule import ByHand, Schedule
from onefold.observe.trace import EventTrace, trace_event


@pytest.fixture(autouse=True)
def _sources(site: Any) -> None:
    site.sources.create("web", site.now)
    site.sources.create("ios", site.now)


def trace(site: Any, message_id: str, source: str = "") -> list[EventTrace]:
    found = trace_event(site.traces, message_id, source)
    return found.events if found else []


def add_goal(site: Any, kind: str = "events", **changes: Any) -> None:
    """A connection and a goal, both with the id 1."""
    from cryptography.fernet import Fernet

    from onefold.backends.embedded.control.connections import ConnectionStore

    store = ConnectionStore(site.control, Fernet(Fernet.generate_key()))
    settings: Any = {"endpoint": "http://127.0.0.1:9"}
    store.create(Connection(0, "Braze", "braze", settings=settings, secrets={"api_key": "k"}))
    store.create_goal(Goal(0, 1, kind, "Orders", **{"enabled": True, **changes}))


def plan_all(site: Any) -> None:
    """As if the goal had planned everything there is."""
    writes = Writes()
    writes.progress = [GoalProgress(1, 1, 1000)]
    site.delivery.apply([writes], site.now)


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


AS_NOW = "Told by the goal and the profile as they are now."


@pytest.mark.parametrize(
    ("goal", "event", "code"),
    [
        ({"settings": {"events": ["Bought"]}}, {}, "activate.not_chosen"),
        ({}, {"type": "identify"}, "activate.not_chosen"),
        ({"segment_id": 5}, {}, "activate.not_a_member"),
        ({}, {"userId": "", "anonymousId": "a"}, "activate.anonymous"),
        ({"settings": {"age_days_max": 1}}, {"timestamp": "2020-01-01T00:00:00Z"}, "activate.too_old"),
        ({"enabled_at": 1 << 60}, {}, "activate.before_goal"),
        ({"kind": "export", "segment_id": 5}, {}, "activate.not_a_member"),
        ({"kind": "export"}, {}, "activate.no_delta"),
    ],
)
def test_why_nothing_was_sent_is_told_by_planning_it_again(
    site: Any, goal: dict[str, Any], event: dict[str, Any], code: str
) -> None:
    add_goal(site, **goal)
    site.capture({"messageId": "m", **event})
    site.fold()
    plan_all(site)
    (told,) = trace(site, "m")[0].activate
    assert (told.outcome, told.code) == ("filtered", code)
    assert told.message
    assert told.note == AS_NOW
    assert site.delivery.load().requests == []


def test_a_goal_that_was_changed_since_says_so(site: Any) -> None:
    site.capture({"messageId": "m"})
    site.fold()
    add_goal(site, settings={"events": ["Bought"]}, version=2, changed_at=site.now + SECOND)
    plan_all(site)
    (told,) = trace(site, "m")[0].activate
    assert told.code == "activate.not_chosen"
    assert "changed after this event" in told.note


def test_what_would_be_sent_but_was_not_is_not_called_passed(site: Any) -> None:
    add_goal(site)
    site.capture({"messageId": "m"})
    site.fold()
    plan_all(site)
    (told,) = trace(site, "m")[0].activate
    assert (told.outcome, told.code) == ("filtered", "")
    assert "as the goal and the profile are now" in told.message


def test_what_a_goal_with_a_schedule_will_send_waits_for_its_next_run(site: Any) -> None:
    add_goal(site, "export", mappings=[Mapping(SeenValue("first"), "seen")], schedule=Schedule(ByHand()))
    site.capture({"messageId": "m"})
    site.fold()
    plan_all(site)
    (told,) = trace(site, "m")[0].activate
    assert (told.outcome, told.code) == ("deferred", "activate.waiting")
    assert told.message.endswith("the next run of this goal (by hand).")


def test_tries_that_are_no_longer_kept_are_not_made_up(site: Any) -> None:
    add_goal(site)
    site.capture({"messageId": "m"})
    site.fold()
    plan_all(site)
    writes = Writes()
    writes.attempts = [attempt(site, 9, 0, 9, answered_at=site.now + DAY)]
    site.delivery.apply([writes], site.now)
    (told,) = trace(site, "m")[0].activate
    assert told.outcome == "passed"
    assert "no longer kept" in told.message


def test_a_refused_event_shows_its_dead_letter_and_what_was_answered(site: Any) -> None:
    add_goal(site)
    site.capture({"messageId": "x"}, {"messageId": "m"})
    site.fold()
    writes = Writes()
    writes.attempts = [attempt(site, 1, 1, 1, kinds=[Kind.REJECTED])]
    item = Item("events", b"{}", 1, 1, 1, 1, site.now, key="m")
    letter = NewLetter("activate.braze.item", "events", "Bad.", "Mend it.", "1/1", b"{}", 1, "track", item)
    letter.answer = "201 Bad."
    writes.letters = [letter]
    site.delivery.apply([writes], site.now)
    (told,) = trace(site, "m")[0].activate
    assert (told.outcome, told.code, told.message) == ("rejected", "activate.braze.item", "Bad.")
    assert told.letter is not None
    assert (told.letter.id, told.letter.answer, told.letter.hint) == ("activate-1", "201 Bad.", "Mend it.")
    assert trace(site, "x")[0].activate[0].letter is None
    writes = Writes()
    writes.requeued = [1]
    writes.attempts = [attempt(site, 1, 1, 1, request_id=8, answered_at=site.now + 2 * SECOND)]
    site.delivery.apply([writes], site.now)
    (told,) = trace(site, "m")[0].activate
    assert (told.outcome, told.letter) == ("passed", None)


def test_a_refused_value_of_the_profile_is_told_with_the_event_that_brought_it(site: Any) -> None:
    add_goal(site, "export")
    for message_id in ("m", "later"):
        site.capture({"messageId": message_id})
        site.fold()
    writes = Writes()
    item = Item("", b"", 1, 1, 1, NO_POSITION, site.now)
    code = "activate.braze.value"
    writes.letters = [NewLetter(code, "email", "No.", "Mend.", "1/1", b"{}", 1, "", item)]
    site.delivery.apply([writes], site.now)
    (told,) = trace(site, "m")[0].activate
    assert (told.outcome, told.code) == ("rejected", code)


def test_what_waits_says_how_often_it_was_tried_until_when_and_why(site: Any) -> None:
    add_goal(site)
    site.capture({"messageId": "m"})
    site.fold()
    writes = Writes()
    request = Request(5, 1, "track", [Item("events", b"{}", 1, 1, 1, 0, site.now)])
    request.attempts, request.retry_at, request.first_at = 3, site.now + SECOND, site.now
    writes.opened = writes.sending = [request]
    writes.state = ConnectionState(1, "waiting", "activate.failing", "It does not answer.")
    site.delivery.apply([writes], site.now)
    (told,) = trace(site, "m")[0].activate
    assert (told.outcome, told.code) == ("deferred", "activate.waiting")
    assert told.message.startswith("Tried 3 times; again at 2026-03-15T10:30:01")
    assert told.message.endswith("The connection is failing: It does not answer.")
    assert (told.waiting[0].attempts, told.waiting[0].retry_at[:19]) == (3, "2026-03-15T10:30:01")


def test_a_connector_that_is_gone_leaves_the_rest_of_the_trace(site: Any) -> None:
    add_goal(site, "nothing")
    site.capture({"messageId": "m"})
    site.fold()
    plan_all(site)
    (told,) = trace(site, "m")[0].activate
    assert told.message.startswith("It cannot be told")


def test_the_past_that_a_goal_has_not_read_yet_is_deferred(site: Any) -> None:
    add_goal(site)
    site.capture({"messageId": "m"})
    site.fold()
    for scanned_to, outcome in ((0, "deferred"), (1, "filtered")):
        writes = Writes()
        writes.progress = [GoalProgress(1, 1, 1000, scanning=True, scanned_to=scanned_to, scan_end=1)]
        site.delivery.apply([writes], site.now)
        assert trace(site, "m")[0].activate[0].outcome == outcome
