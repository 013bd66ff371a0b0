"""What the local Braze holds beside the ledger: reports, repairs, and a workspace that was filled before."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from onefold.activate import courier
from onefold.clock import MINUTE
from onefold.connectors.braze.read_back import UsersReader
from onefold.model.comparison import FieldCounts, Wish
from onefold.model.connection import Connection
from onefold.model.delivery import ReadBack
from onefold.model.goal import Goal
from onefold.model.goal_run import Trigger
from onefold.model.mapping import IdentifierValue, Mapping, TraitValue, ValueType
from onefold.model.match import MatchKey
from onefold.model.outcome import Kind
from onefold.model.profile import Seen
from onefold.model.run import RunState
from onefold.model.schedule import ByHand, Schedule
from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

EXPORT = "/users/export/ids"
ALL = Wish()
REPAIR = Wish(repairs=True)


def later(world):
    """What was accepted is shown by now."""
    before = world.clock
    world.clock = lambda: before() + MINUTE


def people(world, count, **traits):
    for number in range(1, count + 1):
        world.person(number, user_id=f"u{number}", **{"plan": "free", **traits})


async def deliver_first(world, sandbox):
    """Everything is sent, applied and shown."""
    await world.deliver_all()
    sandbox.flush()
    later(world)


async def compare(world, wish=ALL, goal_id=1):
    """A comparison, brought to its end."""
    run_id = world.ask(goal_id, comparison=wish)
    await world.deliver_all()
    return next(run for run in world.runs(goal_id) if run.id == run_id)


def sent_behind(sandbox, place):
    return sandbox.sent_attributes()[place:]


def exports(sandbox):
    return [one for one in sandbox.journal() if one["path"] == EXPORT]


def counts(run):
    found = run.comparison
    return found.people, found.same, found.differing, found.missing, found.left_out


def is_whole(run):
    found = run.comparison
    return found.people == found.same + found.differing + found.missing + sum(found.left_out.values())


# -- reports --------------------------------------------------------------------------------------------


async def test_a_report_says_how_each_field_stands_and_sends_nothing(world, sandbox):
    people(world, 4, score=1)
    world.export("plan", "score", "nick")
    await deliver_first(world, sandbox)
    before = len(sandbox.sent_attributes())
    sandbox.track(
        attributes=[
            {"external_id": "u1", "plan": "gold"},
            {"external_id": "u2", "score": None},
            {"external_id": "u3", "nick": "Bo"},
        ]
    )
    sandbox.flush()
    run = await compare(world)
    assert (run.state, run.trigger, run.by) == (RunState.SUCCEEDED, Trigger.COMPARISON, "tester")
    assert counts(run) == (4, 2, 2, 0, {}), "a value of somebody else's where we have none is no fault"
    assert run.comparison.fields == {
        "plan": FieldCounts(same=3, differs=1, drifted=1),
        "score": FieldCounts(same=3, missing=1, drifted=1),
        "nick": FieldCounts(same=3, unexpected=1),
    }
    assert world.differences(run) == {
        1: [{"field": "plan", "state": "differs", "ours": "free", "theirs": "gold"}],
        2: [{"field": "score", "state": "missing", "ours": 1, "theirs": None}],
    }
    assert run.planned == 0
    assert run.message == "4 people: 4 read back, 0 not there. 2 of those read back differ."
    assert len(sent_behind(sandbox, before)) == 3, "what the test itself sent"
    assert sandbox.user("u1")["custom_attributes"]["plan"] == "gold"


async def test_values_are_the_same_in_the_form_that_braze_keeps(world, sandbox):
    values = {
        "country": "France",
        "gender": "female",
        "dob": "1990-05-28",
        "language": "fr-FR",
        "first_name": "Ada",
        "email": "Ada@Example.org",
        "phone": "+33 6 12 34 56 78",
        "email_subscribe": "opted_in",
        "tags": ["a", "b", "a"],
        "mixed": [1, "a"],
        "home": {"city": "Rome", "floors": [1, 2]},
        "pets": [{"name": "Rex"}],
        "amount": 5.0,
        "vip": True,
        "joined": "2026-05-01T10:00:00.123456Z",
        "day": "2026-05-01",
        "empty": [],
    }
    world.person(1, user_id="u1", **values)
    types = {"joined": ValueType.TIME, "dob": ValueType.DATE}
    rows = [Mapping(TraitValue(name), name, types.get(name, ValueType.AUTO)) for name in values]
    world.set_goal(Goal(1, 1, "export", "Export", True, mappings=rows))
    await deliver_first(world, sandbox)
    run = await compare(world)
    assert world.differences(run) == {}
    assert counts(run) == (1, 1, 0, 0, {})
    assert set(run.comparison.fields) == set(values)


async def test_only_the_mapped_fields_are_asked_for_fifty_people_a_request(world, sandbox):
    people(world, 120)
    world.export("plan", "first_name", "image_url")
    await deliver_first(world, sandbox)
    run = await compare(world)
    bodies = [one["body"] for one in exports(sandbox)]
    assert sorted(len(one["external_ids"]) for one in bodies) == [20, 50, 50]
    fields = ["custom_attributes", "external_id", "first_name", "user_aliases"]
    assert [one["fields_to_export"] for one in bodies] == [fields] * 3
    assert run.comparison.unread == ["image_url"]
    assert "image_url" not in run.comparison.fields


async def test_a_sample_is_spread_over_all_people(world, sandbox):
    people(world, 300)
    world.export("plan")
    await deliver_first(world, sandbox)
    run = await compare(world, Wish(sample=30))
    assert counts(run) == (30, 30, 0, 0, {})
    asked = [int(one[1:]) for one in exports(sandbox)[0]["body"]["external_ids"]]
    assert [sum(low < number <= low + 100 for number in asked) for low in (0, 100, 200)] == [10, 10, 10]


async def test_a_sample_larger_than_all_is_all(world, sandbox):
    people(world, 7)
    world.export("plan")
    await deliver_first(world, sandbox)
    assert counts(await compare(world, Wish(sample=1000))) == (7, 7, 0, 0, {})


async def test_who_has_something_on_the_way_is_left_out(world, sandbox):
    people(world, 2)
    world.export("plan")
    await deliver_first(world, sandbox)
    sandbox.add_fault("status", status=503, path="/users/track")
    world.person(2, user_id="u2", plan="gold")
    world.commit(2)
    async with world.delivering():
        await world.until(lambda: world.rows("select 1 from attempt where state = 1"))
        world.ask(1, comparison=ALL)
        await world.until(lambda: [run for run in world.runs() if run.comparison and not run.is_open])
    (run,) = [run for run in world.runs() if run.comparison]
    assert counts(run) == (2, 1, 0, 0, {"activate.under_way": 1})


async def test_who_was_sent_something_a_moment_ago_is_left_out(world, sandbox):
    people(world, 2)
    world.export("plan")
    await deliver_first(world, sandbox)
    world.person(2, user_id="u2", plan="gold")
    world.commit(2)
    await world.deliver_all()
    run = await compare(world, REPAIR)
    assert counts(run) == (2, 1, 0, 0, {"activate.under_way": 1})


async def test_who_left_or_has_no_consent_is_not_asked_for(world, sandbox):
    world.person(1, user_id="u1", segments=[3], consents=["email"], plan="free")
    world.person(2, user_id="u2", segments=[3], consents=["email"], plan="free")
    world.person(3, user_id="u3", segments=[3], consents=["email"], plan="free")
    world.export("plan", segment_id=3, purpose="email")
    await deliver_first(world, sandbox)
    world.person(2, user_id="u2", segments=[3], plan="free")
    world.person(3, user_id="u3", consents=["email"], plan="free")
    run = await compare(world)
    assert counts(run) == (3, 1, 0, 0, {"activate.no_consent": 1, "activate.not_a_member": 1})
    assert exports(sandbox)[0]["body"]["external_ids"] == ["u1"]


async def test_a_second_comparison_is_left_out_while_one_reads(world, sandbox):
    people(world, 3)
    world.export("plan")
    await deliver_first(world, sandbox)
    sandbox.add_fault("slow", delay_ms=300, path=EXPORT)
    world.ask(1, comparison=ALL)
    world.ask(1, comparison=ALL)
    await world.deliver_all()
    first, second = [run for run in world.runs() if run.comparison]
    assert (first.state, second.state, second.code) == (
        RunState.SUCCEEDED,
        RunState.SKIPPED,
        "activate.run_overlap",
    )


# -- repairs --------------------------------------------------------------------------------------------


async def test_a_repair_sends_exactly_what_differs(world, sandbox):
    people(world, 4, score=1)
    world.export("plan", "score", "nick")
    await deliver_first(world, sandbox)
    sandbox.track(
        attributes=[
            {"external_id": "u1", "plan": "gold"},
            {"external_id": "u2", "score": None},
            {"external_id": "u3", "nick": "Bo"},
        ]
    )
    sandbox.flush()
    place = len(sandbox.sent_attributes())
    run = await compare(world, REPAIR)
    sent = sorted(sent_behind(sandbox, place), key=lambda one: one["external_id"])
    assert sent == [{"external_id": "u1", "plan": "free"}, {"external_id": "u2", "score": 1}]
    assert (run.planned, run.total(Kind.PASSED)) == (2, 2)
    assert run.message.endswith("2 were sent what differs.")
    later(world)
    again = await compare(world, REPAIR)
    assert counts(again) == (4, 4, 0, 0, {})
    assert len(sent_behind(sandbox, place)) == 2
    sandbox.flush()
    assert sandbox.user("u3")["custom_attributes"]["nick"] == "Bo"


async def test_without_a_repair_the_ledger_keeps_what_it_says(world, sandbox):
    people(world, 1)
    world.export("plan")
    await deliver_first(world, sandbox)
    before = world.rows("select * from ledger")
    sandbox.track(attributes=[{"external_id": "u1", "plan": "gold"}])
    sandbox.flush()
    await compare(world)
    assert world.rows("select * from ledger") == before


async def test_a_value_that_was_removed_here_is_removed_there_by_a_repair_too(world, sandbox):
    people(world, 1, nick="Al")
    world.export("plan", "nick", schedule=Schedule(ByHand()))
    world.ask(1)
    await deliver_first(world, sandbox)
    world.person(1, user_id="u1", plan="free")
    run = await compare(world, REPAIR)
    assert run.comparison.fields["nick"] == FieldCounts(unexpected=1)
    assert sandbox.sent_attributes()[-1] == {"external_id": "u1", "nick": None}


async def test_who_is_not_there_is_told_and_made_again_by_a_repair(world, sandbox):
    people(world, 3)
    world.export("plan", "image_url")
    world.person(2, user_id="u2", plan="free", image_url="https://example.org/a.png")
    await deliver_first(world, sandbox)
    sandbox.call("/users/delete", {"external_ids": ["u2"]})
    sandbox.flush()
    run = await compare(world)
    assert counts(run) == (3, 2, 0, 1, {})
    assert world.differences(run) == {
        2: [{"field": "plan", "state": "missing", "ours": "free", "theirs": None}]
    }
    place = len(sandbox.sent_attributes())
    await compare(world, REPAIR)
    assert sent_behind(sandbox, place) == [
        {"external_id": "u2", "plan": "free", "image_url": "https://example.org/a.png"}
    ]


async def test_what_braze_refused_is_not_refused_again_by_a_repair(world, sandbox):
    people(world, 1, email_subscribe="opted_in")
    world.export("plan", "email")
    world.person(1, user_id="u1", plan="free", email="no address")
    await deliver_first(world, sandbox)
    letters = world.rows("select count(*) from letter")
    run = await compare(world, REPAIR)
    assert run.comparison.fields["email"] == FieldCounts(refused=1)
    assert world.rows("select count(*) from letter") == letters


async def test_fields_that_goals_share_are_repaired_in_the_ledger_that_they_share(world, sandbox):
    people(world, 2)
    world.directory.connected = [
        msgspec.structs.replace(one, settings={**one.settings, "overlap": "priority"})
        for one in world.directory.connected
    ]
    world.export("plan", goal_id=1, position=0)
    world.export("plan", goal_id=2, position=1)
    await deliver_first(world, sandbox)
    sandbox.track(attributes=[{"external_id": "u1", "plan": "gold"}])
    sandbox.flush()
    place = len(sandbox.sent_attributes())
    run = await compare(world, REPAIR)
    assert counts(run) == (2, 1, 1, 0, {})
    other = await compare(world, REPAIR, goal_id=2)
    assert other.comparison.fields == {}, "the first goal has the say"
    await world.deliver_all()
    assert sent_behind(sandbox, place) == [{"external_id": "u1", "plan": "free"}]


async def test_an_object_laid_over_another_is_the_same_while_all_of_it_is_there(world, sandbox):
    sandbox.track(attributes=[{"external_id": "u1", "home": {"city": "Rome", "zip": "00100"}}])
    sandbox.flush()
    world.person(1, user_id="u1", home={"city": "Rome"})
    world.export("home", merge_objects=True)
    await deliver_first(world, sandbox)
    assert counts(await compare(world)) == (1, 1, 0, 0, {})


# -- addresses ------------------------------------------------------------------------------------------


async def test_people_are_read_by_whatever_they_are_matched_by(world, sandbox):
    world.person(1, user_id="u1", plan="a")
    world.person(2, anonymous_id="a2", plan="b")
    for number, kind, value in ((3, "email", "eve@example.org"), (4, "phone", "+33612345678")):
        profile = world.person(number, plan=kind)
        profile.identifiers[kind] = {value: Seen(1, 1)}
        world.keep(profile)
    match = [
        MatchKey("external_id", "user_id"),
        MatchKey("alias", "anonymous_id", "device"),
        MatchKey("email", "email"),
        MatchKey("phone", "phone"),
    ]
    goal = Goal(1, 1, "export", "Export", True, mappings=[Mapping(TraitValue("plan"), "plan")], match=match)
    world.set_goal(goal)
    await deliver_first(world, sandbox)
    run = await compare(world)
    assert counts(run) == (4, 4, 0, 0, {})
    asked = [
        {name: value for name, value in one["body"].items() if name != "fields_to_export"}
        for one in exports(sandbox)
    ]
    assert sorted(asked, key=str) == sorted(
        [
            {"external_ids": ["u1"], "user_aliases": [{"alias_name": "a2", "alias_label": "device"}]},
            {"email_address": "eve@example.org"},
            {"phone": "+33612345678"},
        ],
        key=str,
    )


async def test_nobody_can_say_which_of_several_people_with_one_address_is_meant(world, sandbox):
    sandbox.track(attributes=[{"external_id": name, "email": "ada@example.org"} for name in ("x1", "x2")])
    sandbox.flush()
    profile = world.person(1, plan="a")
    profile.identifiers["email"] = {"ada@example.org": Seen(1, 1)}
    world.keep(profile)
    rows = [Mapping(TraitValue("plan"), "plan"), Mapping(IdentifierValue("email"), "email")]
    match = [MatchKey("email", "email")]
    world.set_goal(Goal(1, 1, "export", "Export", True, mappings=rows, match=match, compare_first=True))
    await world.deliver_all()
    (run,) = [run for run in world.runs() if run.comparison]
    assert counts(run) == (1, 0, 0, 0, {"activate.braze.ambiguous": 1})


async def test_a_person_with_a_deprecated_external_id_is_found(world, sandbox):
    people(world, 3)
    world.export("plan")
    await deliver_first(world, sandbox)
    renamed = {"current_external_id": "u2", "new_external_id": "other"}
    sandbox.call("/users/external_ids/rename", {"external_id_renames": [renamed]})
    sandbox.flush()
    assert counts(await compare(world)) == (3, 3, 0, 0, {})


# -- a workspace that already has data ------------------------------------------------------------------


async def test_who_is_there_already_is_sent_only_what_differs(world, sandbox):
    held = [{"external_id": f"u{number}", "plan": "free", "score": 1} for number in range(1, 6)]
    held[1]["plan"] = "gold"
    held[2].pop("score")
    held[3]["nick"] = "Di"
    sandbox.track(attributes=held)
    sandbox.flush()
    points = sandbox.stats()["data_points"]["total"]
    place = len(sandbox.sent_attributes())
    people(world, 6, score=1)
    world.export("plan", "score", "nick", compare_first=True)
    await world.deliver_all()
    sandbox.flush()
    sent = sorted(sent_behind(sandbox, place), key=lambda one: one["external_id"])
    assert sent == [
        {"external_id": "u2", "plan": "free"},
        {"external_id": "u3", "score": 1},
        {"external_id": "u6", "plan": "free", "score": 1},
    ]
    assert sandbox.stats()["data_points"]["total"] - points == 4
    run = next(run for run in world.runs() if run.comparison)
    assert counts(run) == (6, 3, 2, 1, {})
    assert (run.state, run.comparison.wish.is_first, run.planned) == (RunState.SUCCEEDED, True, 0)
    assert sandbox.user("u4")["custom_attributes"]["nick"] == "Di"
    assert world.store.load().progress[1].read_back is ReadBack.DONE


async def test_it_happens_once_and_changes_meanwhile_are_sent_afterwards(world, sandbox):
    sandbox.track(attributes=[{"external_id": "u1", "plan": "free"}])
    sandbox.flush()
    place = len(sandbox.sent_attributes())
    people(world, 1)
    sandbox.add_fault("slow", delay_ms=300, path=EXPORT)
    world.export("plan", compare_first=True)
    async with world.delivering() as deliver:
        await world.until(lambda: world.rows("select 1 from goal where read_back = 1"))
        world.person(1, user_id="u1", plan="gold")
        world.commit(1)
        await deliver.drain()
    await world.deliver_all()
    assert sent_behind(sandbox, place) == [{"external_id": "u1", "plan": "gold"}]
    assert len(exports(sandbox)) == 1


async def test_a_goal_that_asks_for_it_later_reads_everyone_back_once(world, sandbox):
    people(world, 2)
    world.export("plan")
    await deliver_first(world, sandbox)
    sandbox.track(attributes=[{"external_id": "u1", "plan": "gold"}])
    sandbox.flush()
    place = len(sandbox.sent_attributes())
    world.export("plan", compare_first=True, version=2)
    await world.deliver_all()
    assert sent_behind(sandbox, place) == [{"external_id": "u1", "plan": "free"}]


async def test_reading_back_first_goes_before_a_comparison_that_someone_asked_for(world, sandbox):
    people(world, 3)
    world.export("plan")
    await deliver_first(world, sandbox)
    sandbox.add_fault("slow", delay_ms=300, path=EXPORT)
    world.ask(1, comparison=ALL)
    async with world.delivering() as deliver:
        await world.until(lambda: [run for run in world.runs() if run.comparison])
        world.export("plan", compare_first=True, version=2)
        await deliver.drain()
    asked, first = [run for run in world.runs() if run.comparison]
    assert (first.comparison.wish.is_first, counts(first)) == (True, (3, 3, 0, 0, {}))
    assert (asked.state, counts(asked)) == (RunState.SUCCEEDED, (3, 3, 0, 0, {}))


async def test_a_goal_by_hand_reads_back_before_its_first_run(world, sandbox):
    sandbox.track(attributes=[{"external_id": "u1", "plan": "free"}])
    sandbox.flush()
    people(world, 2)
    place = len(sandbox.sent_attributes())
    world.export("plan", compare_first=True, schedule=Schedule(ByHand()))
    await world.deliver_all()
    assert sent_behind(sandbox, place) == []
    world.ask(1)
    await world.deliver_all()
    assert sent_behind(sandbox, place) == [{"external_id": "u2", "plan": "free"}]


async def test_a_field_that_is_mapped_meanwhile_is_read_too(world, sandbox):
    sandbox.track(attributes=[{"external_id": "u1", "plan": "free", "score": 1}])
    sandbox.flush()
    place = len(sandbox.sent_attributes())
    people(world, 1, score=1)
    sandbox.add_fault("slow", delay_ms=300, path=EXPORT)
    world.export("plan", compare_first=True)
    async with world.delivering() as deliver:
        await world.until(lambda: exports(sandbox) or world.rows("select 1 from goal where read_back = 1"))
        world.export("plan", "score", compare_first=True, version=2)
        await world.until(lambda: world.rows("select 1 from goal where read_back = 3"))
        await deliver.drain()
    assert sent_behind(sandbox, place) == []


# -- what goes wrong ------------------------------------------------------------------------------------


async def test_refusals_and_failures_in_the_middle_change_nothing_of_what_is_found(world, sandbox):
    people(world, 900)
    world.export("plan")
    await deliver_first(world, sandbox)
    sandbox.track(attributes=[{"external_id": f"u{number}", "plan": "gold"} for number in (5, 500, 900)])
    sandbox.flush()
    sandbox.add_fault("throttle", retry_after_s=1, rate=0.15, next=2, path=EXPORT)
    sandbox.add_fault("status", status=502, rate=0.3, path=EXPORT)
    sandbox.add_fault("reset", rate=0.1, path=EXPORT)
    run = await compare(world, REPAIR)
    assert counts(run) == (900, 897, 3, 0, {})
    assert run.total(Kind.PASSED) == 3


async def test_deliveries_go_on_while_braze_does_not_answer_what_it_holds(world, sandbox):
    people(world, 3)
    world.export("plan")
    await deliver_first(world, sandbox)
    sandbox.add_fault("status", status=503, path=EXPORT)
    world.ask(1, comparison=ALL)
    async with world.delivering() as deliver:
        await world.until(lambda: exports(sandbox))
        world.person(2, user_id="u2", plan="gold")
        world.commit(2)
        await world.until(lambda: sandbox.sent_attributes()[-1] == {"external_id": "u2", "plan": "gold"})
        assert not deliver._couriers[1].is_idle
        sandbox.clear_faults()
        await deliver.drain()
    (run,) = [run for run in world.runs() if run.comparison]
    assert counts(run) == (3, 2, 0, 0, {"activate.under_way": 1})


async def test_a_cancelled_comparison_keeps_what_it_found(world, sandbox):
    people(world, 1000)
    world.export("plan")
    await deliver_first(world, sandbox)
    sandbox.add_fault("slow", delay_ms=150, path=EXPORT)
    run_id = world.ask(1, comparison=REPAIR)
    async with world.delivering() as deliver:
        await world.until(lambda: any(run.comparison and run.comparison.people for run in world.runs()))
        world.directory.cancelled.add(run_id)
        world.directory.version += 1
        await world.until(lambda: not [run for run in world.runs() if run.comparison and run.is_open])
        await deliver.drain()
    (run,) = [run for run in world.runs() if run.comparison]
    assert run.state is RunState.CANCELLED
    assert run.message.startswith("Cancelled; what was found is kept. ")
    assert 0 < run.comparison.people < 1000
    assert is_whole(run)


async def test_a_goal_whose_first_reading_is_cancelled_sends_nothing_until_it_is_turned_off_and_on(
    world, sandbox
):
    sandbox.track(attributes=[{"external_id": f"u{number}", "plan": "free"} for number in range(1, 71)])
    sandbox.flush()
    people(world, 900)
    place = len(sandbox.sent_attributes())
    sandbox.add_fault("slow", delay_ms=150, path=EXPORT)
    world.export("plan", compare_first=True)
    async with world.delivering() as deliver:
        await world.until(lambda: any(run.comparison and run.comparison.people for run in world.runs()))
        world.directory.cancelled.add(world.runs()[0].id)
        world.directory.version += 1
        await world.until(lambda: world.rows("select 1 from goal where read_back = 2"))
        await deliver.drain()
    await world.deliver_all()
    assert world.runs()[0].state is RunState.CANCELLED
    assert sent_behind(sandbox, place) == []
    sandbox.clear_faults()
    (goal,) = world.directory.wanted
    world.set_goal(msgspec.structs.replace(goal, enabled=False))
    await world.deliver_all()
    world.set_goal(goal)
    await world.deliver_all()
    assert len(sent_behind(sandbox, place)) == 830


async def test_a_goal_that_no_longer_asks_for_it_sends_everything(world, sandbox):
    people(world, 3)
    sandbox.add_fault("status", status=503, path=EXPORT)
    world.export("plan", compare_first=True)
    async with world.delivering() as deliver:
        await world.until(lambda: exports(sandbox))
        world.export("plan", version=2)
        await world.until(lambda: len(sandbox.sent_attributes()) == 3)
        await deliver.drain()
    run = next(run for run in world.runs() if run.comparison)
    assert run.state is RunState.CANCELLED


async def test_a_comparison_of_a_goal_that_is_off_waits_until_it_is_on_again(world, sandbox):
    people(world, 1000)
    world.export("plan")
    await deliver_first(world, sandbox)
    (goal,) = world.directory.wanted
    sandbox.add_fault("slow", delay_ms=150, path=EXPORT)
    world.ask(1, comparison=ALL)
    async with world.delivering() as deliver:
        await world.until(lambda: any(run.comparison and run.comparison.people for run in world.runs()))
        world.set_goal(msgspec.structs.replace(goal, enabled=False))
        await deliver.drain()
    (run,) = [run for run in world.runs() if run.comparison]
    assert run.is_open
    sandbox.clear_faults()
    world.set_goal(goal)
    await world.deliver_all()
    (run,) = [run for run in world.runs() if run.comparison]
    assert (run.state, counts(run)) == (RunState.SUCCEEDED, (1000, 1000, 0, 0, {}))


async def test_a_comparison_of_a_goal_that_is_stopped_is_cancelled(world, sandbox):
    people(world, 10)
    world.export("plan")
    await deliver_first(world, sandbox)
    (goal,) = world.directory.wanted
    sandbox.add_fault("status", status=503, path=EXPORT)
    world.ask(1, comparison=ALL)
    async with world.delivering() as deliver:
        await world.until(lambda: exports(sandbox))
        world.set_goal(msgspec.structs.replace(goal, enabled=False, stopped=True))
        await world.until(lambda: not [run for run in world.runs() if run.comparison and run.is_open])
        await deliver.drain()
    (run,) = [run for run in world.runs() if run.comparison]
    assert run.state is RunState.CANCELLED


async def test_a_fault_of_the_connector_is_shown_and_the_comparison_goes_on_after_it(
    world, sandbox, monkeypatch
):
    people(world, 3)
    world.export("plan")
    await deliver_first(world, sandbox)
    asked = []

    async def fail_once(self, addresses):
        asked.append(len(addresses))
        if len(asked) == 1:
            raise KeyError("users")
        return await read(self, addresses)

    read = UsersReader.read
    monkeypatch.setattr(UsersReader, "read", fail_once)
    world.ask(1, comparison=ALL)
    async with world.delivering() as deliver:
        await world.until(lambda: world.rows("select 1 from connection where state = 'failed'"))
        await world.until(lambda: len(asked) == 2)
        await deliver.drain()
    (run,) = [run for run in world.runs() if run.comparison]
    assert counts(run) == (3, 3, 0, 0, {})


def start(world):
    directory = world.directory
    config = {"connected": directory.connected, "wanted": directory.wanted, "asks": directory.asks}
    script = Path(__file__).with_name("deliver_process.py")
    return subprocess.Popen([sys.executable, script, world.path, msgspec.json.encode(config).decode()])


async def test_a_killed_first_reading_goes_on_where_it_was(world, sandbox):
    sandbox.add_people(4000, custom={"plan": "free"})
    held = {one["external_id"] for one in sandbox.users()}
    names = sorted(held)
    for number, name in enumerate(names, 1):
        world.person(number, user_id=name, plan="gold" if number % 1000 == 0 else "free")
    sandbox.add_fault("slow", rate=1.0, delay_ms=30, path=EXPORT)
    world.export("plan", compare_first=True)
    kills, looked_at = 0, 0

    def has_gone_on():
        found = [run for run in world.runs() if run.comparison and run.comparison.people > looked_at]
        return found and found[0].comparison.people

    for _ in range(3):
        process = start(world)
        try:
            await world.until(has_gone_on)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        looked_at = world.runs()[0].comparison.people
        kills += looked_at < 4000
    assert kills
    sandbox.clear_faults()
    await world.deliver_all()
    run = world.runs()[0]
    assert (run.state, counts(run)) == (RunState.SUCCEEDED, (4000, 3996, 4, 0, {}))
    assert sorted(one["external_id"] for one in sandbox.sent_attributes()) == sorted(names[999::1000])


@pytest.fixture
def limited() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        yield sandbox


async def test_braze_need_not_refuse_for_too_many_requests(world, limited):
    for number in range(1, 121):
        profile = world.person(number, plan="free")
        profile.identifiers["email"] = {f"p{number}@example.org": Seen(1, 1)}
        world.keep(profile)
    settings = {"endpoint": limited.url}
    secrets = {"api_key": limited.api_key}
    world.directory.connected = [Connection(1, "B", "braze", settings=settings, secrets=secrets)]
    rows, match = [Mapping(TraitValue("plan"), "plan")], [MatchKey("email", "email")]
    world.set_goal(Goal(1, 1, "export", "Export", True, mappings=rows, match=match, compare_first=True))
    await world.deliver_all()
    run = next(run for run in world.runs() if run.comparison)
    assert counts(run) == (120, 0, 0, 120, {})
    assert [one["status"] for one in exports(limited)] == [201] * 120


# -- permissions ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def guarded() -> Iterator[BrazeSandbox]:
    keys = [
        {"key": "only-track", "name": "only track", "permissions": ["users.track"]},
        {"key": "both", "name": "both", "permissions": ["users.track", "users.export.ids"]},
    ]
    with braze_sandbox(delay_ms=0, jitter_ms=0, rate_profile="off", api_keys=keys) as sandbox:
        yield sandbox


@pytest.fixture
def strict(guarded):
    guarded.clear_faults()
    guarded.reset()
    return guarded


def use_key(world, sandbox, key):
    settings = {"endpoint": sandbox.url}
    world.directory.connected = [Connection(1, "B", "braze", settings=settings, secrets={"api_key": key})]
    world.directory.version += 1


async def test_a_report_without_the_permission_fails_and_says_what_to_do(world, strict):
    use_key(world, strict, "only-track")
    people(world, 2)
    world.export("plan")
    await deliver_first(world, strict)
    run = await compare(world)
    assert (run.state, run.code) == (RunState.FAILED, "activate.braze.permission")
    assert "users.export.ids" in run.message


async def test_a_goal_that_reads_first_waits_for_the_permission(world, strict, monkeypatch):
    monkeypatch.setattr(courier, "PROBE_S", 0.1)
    strict.call("/users/track", {"attributes": [{"external_id": "u1", "plan": "free"}]}, key="both")
    strict.flush()
    use_key(world, strict, "only-track")
    people(world, 2)
    world.export("plan", compare_first=True)
    place = len(strict.sent_attributes())
    async with world.delivering() as deliver:
        await world.until(lambda: world.rows("select 1 from connection where state = 'limited'"))
        code, reason = world.rows("select code, reason from connection")[0]
        assert code == "activate.braze.permission"
        assert "users.export.ids" in reason
        assert sent_behind(strict, place) == []
        use_key(world, strict, "both")
        await world.until(lambda: sent_behind(strict, place))
        await deliver.drain()
    assert sent_behind(strict, place) == [{"external_id": "u2", "plan": "free"}]


# -- personal data --------------------------------------------------------------------------------------


async def test_an_erased_person_is_gone_from_what_is_kept(world, sandbox):
    people(world, 2)
    world.export("plan")
    await deliver_first(world, sandbox)
    sandbox.track(attributes=[{"external_id": f"u{number}", "plan": "gold"} for number in (1, 2)])
    sandbox.flush()
    run = await compare(world)
    assert set(world.differences(run)) == {1, 2}
    world.erase(1)
    await world.deliver_all()
    assert set(world.differences(run)) == {2}


async def test_few_people_are_kept_to_look_at(world, sandbox):
    people(world, 50)
    world.export("plan")
    await deliver_first(world, sandbox)
    sandbox.track(attributes=[{"external_id": f"u{number}", "plan": "gold"} for number in range(1, 51)])
    sandbox.flush()
    run = await compare(world)
    assert counts(run) == (50, 0, 50, 0, {})
    assert len(world.differences(run)) == 20
