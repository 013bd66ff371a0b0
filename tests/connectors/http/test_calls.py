"""Calls of goals, from a change of the state to the API: which are made, what they hold, how they end."""

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import web

from onefold.activate.store import Replay
from onefold.backends.embedded.goal_runs import EmbeddedGoalRuns
from onefold.backends.embedded.traces import EmbeddedTraces
from onefold.clock import DAY, HOUR, SECOND, from_iso, now
from onefold.connectors.http import HttpConnector
from onefold.model.outcome import Kind
from onefold.model.run import RunState
from onefold.observe.store import Folded, Receipt

KEY = "sk-very-secret"
PASSED = (int(Kind.PASSED), "")


def files_of(path: Path):
    return list(path.rglob("delivery.db*"))


def filtered(code):
    return (int(Kind.FILTERED), code)


async def test_entering_and_leaving_make_a_call_each(world):
    world.goal(1, when="entered", body='{"did": {{ moment.kind }}, "plan": {{ profile.traits.plan }}}')
    world.goal(2, when="left", url="/left/{{ profile.identifiers.user_id }}", method="DELETE", body="")
    world.person(1, member=True, user_id="ada/1", plan="gold")
    world.person(2, user_id="bob", plan="none")
    world.commit(entered=[1], left=[2])
    await world.deliver_all()
    first, second = sorted(world.api.calls)
    assert (first.method, first.path, first.body) == ("DELETE", "/left/bob", "")
    assert (second.method, second.path) == ("POST", "/call")
    assert second.json() == {"did": "entered", "plan": "gold"}
    assert second.headers["Content-Type"] == "application/json"
    assert world.counts(1) == world.counts(2) == {PASSED: 1}


async def test_the_run_of_an_hour_counts_each_call_once_and_ends(world):
    world.goal(requires=["identifiers.user_id"])
    world.person(1, member=True, user_id="ada")
    world.person(2, member=True)
    world.commit(entered=[1, 2])
    await world.deliver_all()
    await world.deliver_all(lambda: now() + HOUR)
    reader = EmbeddedGoalRuns(world.path)
    (run,) = reader.page(goal_id=1)
    reader.close()
    assert run.planned == sum(reason.count for reason in run.reasons) == 2
    assert run.state is RunState.SUCCEEDED


async def test_an_event_makes_a_call_with_its_properties(world):
    world.goal(when="event", events=["Order Completed"], body='{"total": {{ event.properties.total }}}')
    world.person(1)
    order = {"type": "track", "event": "Order Completed", "messageId": "m1", "properties": {"total": 9.5}}
    other = {"type": "track", "event": "Seen", "messageId": "m2"}
    world.commit(events=[(1, order), (1, other)])
    await world.deliver_all()
    assert [call.json() for call in world.api.calls] == [{"total": 9.5}]
    assert world.counts() == {PASSED: 1, filtered("activate.not_chosen"): 1}


async def test_a_merge_makes_no_call_for_who_stays_a_member(world):
    world.goal(1, when="entered")
    world.goal(2, when="left")
    world.person(2, member=True)
    world.commit(left=[1], merged=[(1, 2)])
    await world.deliver_all()
    assert world.api.calls == []


async def test_what_happened_too_long_ago_is_left_out(world):
    world.goal(age_hours_max=2)
    world.person(1, member=True)
    world.commit(entered=[1], at=now() - 3 * HOUR)
    await world.deliver_all()
    assert world.counts() == {filtered("activate.too_old"): 1}


async def test_people_without_what_is_required_are_left_out(world):
    world.goal(requires=["identifiers.user_id"])
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.counts() == {filtered("activate.call.requirement"): 1}


async def test_a_missing_value_is_a_dead_letter_that_names_it_and_goes_once_mended(world):
    world.goal(body='{"plan": {{ profile.traits.plan }}}')
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    ((code, field, reason, _, _),) = world.letters()
    assert (code, field) == ("activate.call.template", "profile.traits.plan")
    assert "plan" in reason
    world.goal(body='{"plan": {{ profile.traits.plan | default("none") }}}')
    world.directory.replayed = [Replay(1, 1)]
    world.directory.version += 1
    await world.deliver_all()
    assert [call.json() for call in world.api.calls] == [{"plan": "none"}]


@pytest.mark.parametrize("settings", [{}, {"when": "event", "events": ["Seen"]}])
async def test_a_dead_letter_that_can_be_made_no_more_is_counted(world, settings):
    world.goal(body='{"plan": {{ profile.traits.plan }}}', **settings)
    world.person(1, member=True)
    seen = {"type": "track", "event": "Seen", "messageId": "m1"}
    world.commit(entered=[1], events=[(1, seen)] if settings else [])
    await world.deliver_all()
    world.state.execute("delete from profile")
    world.directory.replayed = [Replay(1, 1)]
    await world.deliver_all()
    rejected = (int(Kind.REJECTED), "activate.call.template")
    assert world.counts() == {rejected: 1, filtered("activate.gone"): 1}


async def test_a_dead_letter_of_a_goal_that_is_off_by_then_is_counted(world):
    world.goal(body='{"plan": {{ profile.traits.plan }}}')
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    world.goal(enabled=False)
    world.directory.replayed = [Replay(1, 1)]
    await world.deliver_all()
    rejected = (int(Kind.REJECTED), "activate.call.template")
    assert world.counts() == {rejected: 1, filtered("activate.goal_off"): 1}


async def test_a_body_that_is_no_json_is_a_dead_letter(world):
    world.goal(body='{"id": {{ profile.id }},}')
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    assert [(code, field) for code, field, *_ in world.letters()] == [("activate.call.body", "body")]


# -- secrets -------------------------------------------------------------------------------------------


async def test_secrets_reach_the_api_and_nothing_else(world, tmp_path: Path):
    world.connect(headers={"Authorization": "Bearer {{ secrets.api_key }}"})
    world.goal(
        url="/call?key={{ secrets.api_key }}",
        headers={"X-Basic": "{{ basic_auth('ada', secrets.api_key) }}"},
        body='{"key": {{ secrets.api_key }}, "text": "k={{ secrets.api_key }}"}',
    )
    world.api.answers = [web.Response(status=422, text=f"bad key {KEY} of ada@example.org")]
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    (call,) = world.api.calls
    assert call.path == f"/call?key={KEY}"
    assert call.headers["Authorization"] == f"Bearer {KEY}"
    assert call.headers["X-Basic"] == "Basic YWRhOnNrLXZlcnktc2VjcmV0"
    assert call.json() == {"key": KEY, "text": f"k={KEY}"}
    ((code, _, _, payload, answer),) = world.letters()
    assert code == "activate.call.status"
    assert KEY not in payload.decode()
    assert answer == "422 bad key *** of ***"
    kept = b"".join(path.read_bytes() for path in files_of(tmp_path))
    assert b"bad key" in kept
    assert KEY.encode() not in kept
    assert b"YWRhOnNrLXZlcnktc2VjcmV0" not in kept


BASIC = "YWRhOnNrLXZlcnktc2VjcmV0"
PAIR = "{{ basic_auth('ada', secrets.api_key) }}"


@pytest.mark.parametrize("echo", [f"Basic {BASIC}", BASIC, f"Basic%20{BASIC}"])
@pytest.mark.parametrize(
    "settings",
    [
        {"headers": {"X-Basic": PAIR}},
        {"body": f'{{"auth": "{PAIR}"}}'},
        {"url": f"/call?auth={PAIR}", "body": ""},
    ],
)
async def test_an_answer_that_repeats_a_basic_pair_is_kept_without_it(world, settings, echo):
    world.goal(**settings)
    world.api.answers = [web.Response(status=400, text=f"not {echo}!")]
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.letters()[0][4] == "400 not ***!"


async def test_an_answer_is_kept_without_the_persons_values(world):
    world.goal(body='{"name": {{ profile.traits.name }}}')
    world.api.answers = [web.Response(status=400, text="The name Ada Lovelace is too long.")]
    world.person(1, member=True, name="Ada Lovelace")
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.letters()[0][4] == "400 The name *** is too long."


async def test_a_person_cannot_ask_for_a_secret(world):
    world.goal(body='{"name": {{ profile.traits.name }}}')
    world.person(1, member=True, name="{{ secrets.api_key }}")
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.api.calls[0].json() == {"name": "{{ secrets.api_key }}"}


async def test_a_filter_cannot_change_a_secret(world):
    world.goal(body='{"name": {{ secrets.api_key | upper }}}')
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.api.calls == []
    assert [code for code, *_ in world.letters()] == ["activate.call.template"]


async def test_a_secret_that_is_not_there_is_a_dead_letter(world):
    world.goal(headers={"X-Key": "{{ secrets.other }}"})
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    ((code, _, reason, _, _),) = world.letters()
    assert (code, reason) == ("activate.call.secret_missing", "The connection has no secret other.")


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"headers": {"X-Key": "{{ secrets.other }}"}}, "The connection has no secret other."),
        ({"test_path": "/a b"}, "The URL holds a character that must be encoded."),
        ({"test_path": "/a/../b"}, "A part of the path is . or .., which leads elsewhere."),
    ],
)
async def test_a_check_says_why_nothing_can_be_asked(world, settings, reason):
    world.connect(**settings)
    destination = HttpConnector().open(world.directory.connected[0])
    (probe,) = await destination.check_credentials()
    await destination.close()
    assert (probe.passed, probe.message) == (False, reason)
    assert world.api.calls == []


async def test_line_breaks_in_headers_are_refused(world):
    world.goal(headers={"X-Name": "{{ profile.traits.name }}"})
    world.person(1, member=True, name="a\r\nX-Admin: 1")
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.api.calls == []
    assert [(code, field) for code, field, *_ in world.letters()] == [
        ("activate.call.template", "headers.X-Name")
    ]


# -- where calls go ------------------------------------------------------------------------------------


async def test_a_private_address_is_not_reached_unless_it_is_allowed(world):
    world.connect(private_addresses=False)
    world.goal()
    world.person(1, member=True)
    world.commit(entered=[1])
    async with world.delivering():
        await world.until(lambda: world.rows("select 1 from connection where state = 'paused'"))
    (state,) = world.rows("select code from connection")
    assert state == ("activate.call.address_blocked",)
    assert world.api.calls == []


async def test_a_name_that_leads_to_a_private_address_is_not_reached_either(world):
    world.connect(private_addresses=False, endpoint=world.api.url.replace("127.0.0.1", "localhost"))
    world.goal()
    world.person(1, member=True)
    world.commit(entered=[1])
    async with world.delivering():
        await world.until(lambda: world.rows("select 1 from connection where state = 'paused'"))
    assert world.rows("select code from connection") == [("activate.call.address_blocked",)]
    assert world.api.calls == []


async def test_a_redirect_is_not_followed(world):
    world.goal()
    world.api.answers = [web.Response(status=302, headers={"Location": "http://169.254.169.254/"})]
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    ((code, _, reason, _, _),) = world.letters()
    assert code == "activate.call.status"
    assert "redirect" in reason
    assert len(world.api.calls) == 1


async def test_a_host_that_the_connection_does_not_name_is_not_reached(world):
    world.goal(url="https://evil.example.com/x")
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    assert [code for code, *_ in world.letters()] == ["activate.call.url"]


# -- answers -------------------------------------------------------------------------------------------


async def test_a_failing_api_is_asked_again_with_the_same_delivery_id(world):
    world.goal(headers={"Idempotency-Key": "{{ delivery_id }}"})
    world.api.answers = [
        web.Response(status=503),
        0.0,
        web.Response(status=429, headers={"Retry-After": "0"}),
    ]
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    keys = {call.headers["Idempotency-Key"] for call in world.api.calls}
    assert len(world.api.calls) == 4
    assert len(keys) == 1
    assert world.counts() == {PASSED: 1}
    tries = world.rows("select code, maybe_doubled from attempt order by id")
    assert tries == [
        ("activate.http.server_error", 0),
        ("activate.http.no_answer", 1),
        ("activate.http.throttled", 1),
        ("", 1),
    ]


async def test_delivery_ids_tell_calls_apart(world):
    world.goal(1, headers={"Idempotency-Key": "{{ delivery_id }}"})
    world.goal(2, headers={"Idempotency-Key": "{{ delivery_id }}"})
    for one in (1, 2):
        world.person(one, member=True)
        world.commit(entered=[one])
        world.commit(left=[one])
        world.commit(entered=[one])
    await world.deliver_all()
    assert len({call.headers["Idempotency-Key"] for call in world.api.calls}) == 8


async def test_a_call_that_must_not_double_becomes_a_dead_letter_without_an_answer(world):
    world.goal(retry_unanswered=False)
    world.api.answers = [0.0]
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    assert [code for code, *_ in world.letters()] == ["activate.call.no_answer"]
    assert len(world.api.calls) == 1


async def test_a_stalled_api_is_given_up_in_time(world):
    world.goal(timeout_s=1, retry_unanswered=False)
    world.api.answers = [30.0]
    world.person(1, member=True)
    world.commit(entered=[1])
    started = asyncio.get_running_loop().time()
    await world.deliver_all()
    assert asyncio.get_running_loop().time() - started < 10
    assert [code for code, *_ in world.letters()] == ["activate.call.no_answer"]


async def test_the_goal_says_which_statuses_are_success_and_which_come_again(world):
    world.goal(success=["2xx", "409"], retry=["404"])
    world.api.answers = [web.Response(status=404), web.Response(status=409), web.Response(status=500)]
    for one in (1, 2):
        world.person(one, member=True)
        world.commit(entered=[one])
    await world.deliver_all()
    assert len(world.api.calls) == 3
    assert sum(world.counts().values()) == 2
    assert [code for code, *_ in world.letters()] == ["activate.call.status"]


async def test_wrong_credentials_pause_until_someone_mends_them(world):
    world.connect(headers={"Authorization": "{{ secrets.api_key }}"}, test_path="/me")
    world.goal()
    world.api.answers = [web.Response(status=401)]
    world.person(1, member=True)
    world.commit(entered=[1])
    async with world.delivering() as deliver:
        await world.until(lambda: world.rows("select 1 from connection where state = 'paused'"))
        world.connect({"api_key": "right"}, headers={"Authorization": "{{ secrets.api_key }}"})
        await world.until(world.counts)
        await deliver.drain()
    assert world.api.calls[-1].headers["Authorization"] == "right"
    assert world.counts() == {PASSED: 1}


async def test_a_secret_with_a_line_break_pauses_until_someone_mends_it(world):
    world.connect({"api_key": f"{KEY}\n"}, headers={"Authorization": "{{ secrets.api_key }}"})
    world.goal()
    world.person(1, member=True)
    world.commit(entered=[1])
    async with world.delivering() as deliver:
        await world.until(lambda: world.rows("select 1 from connection where state = 'paused'"))
        assert world.rows("select code from connection") == [("activate.call.credentials",)]
        world.connect(headers={"Authorization": "{{ secrets.api_key }}"})
        await world.until(world.counts)
        await deliver.drain()
    assert world.counts() == {PASSED: 1}


async def test_a_long_answer_is_cut(world):
    world.goal()
    world.api.answers = [web.Response(status=400, text="x" * 1_000_000)]
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    assert len(world.letters()[0][4]) <= 500


# -- pace ----------------------------------------------------------------------------------------------


async def test_a_cap_leaves_out_what_is_too_much_for_one_person(world):
    world.goal(caps=["1/24h"])
    world.person(1, member=True)
    world.person(2, member=True)
    world.commit(entered=[1, 2])
    world.commit(left=[1])
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.counts() == {PASSED: 2, filtered("activate.capped"): 1}
    # Also after a restart; and a day later there is room again.
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.counts()[filtered("activate.capped")] == 2
    later = now() + DAY
    world.commit(entered=[1], at=later)
    await world.deliver_all(lambda: later)
    assert world.counts()[PASSED] == 3


async def test_a_refused_call_leaves_room_for_the_next(world):
    world.goal(caps=["1/24h"])
    world.api.answers = [web.Response(status=400)]
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    world.commit(entered=[1])
    await world.deliver_all()
    assert world.counts()[PASSED] == 1


async def test_a_cap_holds_for_both_sides_of_a_merge(world):
    world.goal(caps=["1/24h"])
    world.person(1, member=True)
    world.commit(entered=[1])
    await world.deliver_all()
    world.person(2, member=True)
    world.commit(left=[1], merged=[(1, 2)])
    world.commit(left=[2])
    world.commit(entered=[2])
    await world.deliver_all()
    assert world.counts() == {PASSED: 1, filtered("activate.capped"): 1}


@pytest.fixture
def ledger_queries(world, monkeypatch):
    """The people of each query for what a ledger holds."""
    asked, ledger = [], world.store.ledger
    monkeypatch.setattr(world.store, "ledger", lambda *given: asked.append(given[1]) or ledger(*given))
    return asked


async def test_a_slice_of_moves_costs_two_queries_for_caps(world, ledger_queries):
    world.goal(caps=["1/24h"])
    for number in range(1, 7):
        world.person(number, member=True)
    world.commit(entered=[1, 2, 3, 4], merged=[(11, 5), (12, 6), (13, 6)])
    await world.deliver_all()
    assert world.counts() == {PASSED: 4}
    assert [sorted(ids) for ids in ledger_queries] == [[5, 6, 11, 12, 13], [1, 2, 3, 4]]


async def test_a_slice_of_events_costs_one_query_for_caps(world, ledger_queries):
    world.goal(when="event", events=["Seen"], caps=["1/24h"])
    for number in range(1, 4):
        world.person(number)
    world.commit(events=[(n, {"type": "track", "event": "Seen", "messageId": f"m{n}"}) for n in (1, 2, 3)])
    await world.deliver_all()
    assert world.counts() == {PASSED: 3}
    assert [sorted(ids) for ids in ledger_queries] == [[1, 2, 3]]


QUIET = {"quiet_from": "22:00", "quiet_until": "08:00"}
EVENING, MORNING = from_iso("2026-11-27T23:00:00Z"), from_iso("2026-11-28T08:00:00Z")


async def test_what_happens_at_night_waits_for_the_morning_and_hinders_nothing(world):
    world.goal(1, **QUIET, caps=["1/24h"])
    world.goal(2, url="/other")
    world.person(1, member=True)
    world.commit(entered=[1], at=EVENING)
    world.commit(entered=[1], at=EVENING + 1)
    await world.deliver_all(lambda: EVENING + SECOND)
    assert [call.path for call in world.api.calls] == ["/other"] * 2
    assert world.rows("select due_at from held") == [(MORNING,)]
    assert world.counts(1) == {filtered("activate.capped"): 1}
    await world.deliver_all(lambda: MORNING + SECOND)
    assert [call.path for call in world.api.calls] == ["/other", "/other", "/call"]
    assert world.rows("select * from held") == []
    assert world.counts(1) == {PASSED: 1, filtered("activate.capped"): 1}


async def test_a_trace_tells_what_is_held_back(world):
    world.goal(when="event", events=["Seen"], **QUIET)
    world.person(1)
    event = {"type": "track", "event": "Seen", "messageId": "m1"}
    offset = world.commit(events=[(1, event)], at=EVENING)
    await world.deliver_all(lambda: EVENING)
    traces = EmbeddedTraces(world.path)
    folded = Folded(offset, Kind.PASSED, profile_id=1, survivor_id=1, clock=EVENING, committed_at=EVENING)
    (waiting,) = traces.waiting(Receipt(1, offset, 0), folded)
    traces.close()
    assert (waiting.goal_id, waiting.attempts, waiting.retry_at) == (1, 0, MORNING)


async def test_deliver_that_runs_through_the_night_sends_in_the_morning(world):
    world.goal(**QUIET)
    world.person(1, member=True)
    clock = [EVENING]
    world.commit(entered=[1], at=EVENING)
    async with world.delivering(lambda: clock[0]):
        await world.until(lambda: world.rows("select 1 from held"))
        clock[0] = MORNING
        await world.until(world.counts)
    assert world.counts() == {PASSED: 1}


async def test_what_happens_at_night_may_be_left_out(world):
    world.goal(**QUIET, quiet_then="drop")
    world.person(1, member=True)
    world.commit(entered=[1], at=EVENING)
    await world.deliver_all(lambda: EVENING)
    assert world.counts() == {filtered("activate.quiet_hours"): 1}


async def test_what_is_held_of_a_goal_that_is_off_by_then_is_left_out(world):
    world.goal(**QUIET)
    world.person(1, member=True)
    world.commit(entered=[1], at=EVENING)
    await world.deliver_all(lambda: EVENING)
    world.goal(**QUIET, enabled=False)
    await world.deliver_all(lambda: MORNING)
    assert world.api.calls == []
    assert world.counts() == {filtered("activate.goal_off"): 1}


async def test_what_is_held_of_a_deleted_connection_is_closed(world):
    world.goal(**QUIET)
    world.person(1, member=True)
    world.commit(entered=[1], at=EVENING)
    await world.deliver_all(lambda: EVENING)
    world.directory.connected = []
    world.directory.version += 1
    await world.deliver_all(lambda: MORNING)
    assert world.rows("select * from held") == []
    assert world.counts() == {filtered("activate.connection_gone"): 1}


async def test_held_calls_are_under_one_person_after_a_merge(world):
    world.goal(**QUIET, body='{"id": {{ profile.id }}}')
    world.person(1, member=True)
    world.person(2, member=True)
    world.commit(entered=[1], at=EVENING)
    await world.deliver_all(lambda: EVENING)
    world.commit(left=[1], merged=[(1, 2)], at=EVENING + 1)
    await world.deliver_all(lambda: MORNING)
    assert [json.loads(call.body) for call in world.api.calls] == [{"id": 1}]
