"""Calls of goals, from a change of the state to the API: which are made, what they hold, how they end."""

import asyncio

import pytest
from aiohttp import web
from tests.connectors.http.conftest import KEY
from tests.connectors.http.counted import PASSED, filtered

from onefold.activate.store import Replay
from onefold.backends.embedded.goal_runs import EmbeddedGoalRuns
from onefold.clock import HOUR, now
from onefold.model.outcome import Kind
from onefold.model.run import RunState


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
