"""What the local Braze holds beside the ledger: reports, whom they are about, and repairs."""

import msgspec
from tests.connectors.braze.comparing import ALL, EXPORT, REPAIR, counts

from onefold.model.comparison import FieldCounts, Wish
from onefold.model.goal import Goal
from onefold.model.goal_run import Trigger
from onefold.model.mapping import Mapping, TraitValue, ValueType
from onefold.model.outcome import Kind
from onefold.model.run import RunState
from onefold.model.schedule import ByHand, Schedule


async def test_a_report_says_how_each_field_stands_and_sends_nothing(world, sandbox):
    world.people(4, score=1)
    world.export("plan", "score", "nick")
    await world.deliver_first(sandbox)
    before = len(sandbox.sent_attributes())
    sandbox.track(
        attributes=[
            {"external_id": "u1", "plan": "gold"},
            {"external_id": "u2", "score": None},
            {"external_id": "u3", "nick": "Bo"},
        ]
    )
    sandbox.flush()
    run = await world.compare()
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
    assert len(sandbox.sent_attributes()[before:]) == 3, "what the test itself sent"
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
    await world.deliver_first(sandbox)
    run = await world.compare()
    assert world.differences(run) == {}
    assert counts(run) == (1, 1, 0, 0, {})
    assert set(run.comparison.fields) == set(values)


async def test_only_the_mapped_fields_are_asked_for_fifty_people_a_request(world, sandbox):
    world.people(120)
    world.export("plan", "first_name", "image_url")
    await world.deliver_first(sandbox)
    run = await world.compare()
    bodies = [one["body"] for one in sandbox.requests(EXPORT)]
    assert sorted(len(one["external_ids"]) for one in bodies) == [20, 50, 50]
    fields = ["custom_attributes", "external_id", "first_name", "user_aliases"]
    assert [one["fields_to_export"] for one in bodies] == [fields] * 3
    assert run.comparison.unread == ["image_url"]
    assert "image_url" not in run.comparison.fields


async def test_a_sample_is_spread_over_all_people(world, sandbox):
    world.people(300)
    world.export("plan")
    await world.deliver_first(sandbox)
    run = await world.compare(Wish(sample=30))
    assert counts(run) == (30, 30, 0, 0, {})
    asked = [int(one[1:]) for one in sandbox.requests(EXPORT)[0]["body"]["external_ids"]]
    assert [sum(low < number <= low + 100 for number in asked) for low in (0, 100, 200)] == [10, 10, 10]


async def test_a_sample_larger_than_all_is_all(world, sandbox):
    world.people(7)
    world.export("plan")
    await world.deliver_first(sandbox)
    assert counts(await world.compare(Wish(sample=1000))) == (7, 7, 0, 0, {})


async def test_who_has_something_on_the_way_is_left_out(world, sandbox):
    world.people(2)
    world.export("plan")
    await world.deliver_first(sandbox)
    sandbox.add_fault("status", status=503, path="/users/track")
    world.person(2, user_id="u2", plan="gold")
    world.commit(2)
    async with world.delivering():
        await world.until(lambda: world.rows("select 1 from attempt where state = 1"))
        world.ask(1, comparison=ALL)
        await world.until(lambda: [run for run in world.comparisons() if not run.is_open])
    (run,) = world.comparisons()
    assert counts(run) == (2, 1, 0, 0, {"activate.under_way": 1})


async def test_who_was_sent_something_a_moment_ago_is_left_out(world, sandbox):
    world.people(2)
    world.export("plan")
    await world.deliver_first(sandbox)
    world.person(2, user_id="u2", plan="gold")
    world.commit(2)
    await world.deliver_all()
    run = await world.compare(REPAIR)
    assert counts(run) == (2, 1, 0, 0, {"activate.under_way": 1})


async def test_who_left_or_has_no_consent_is_not_asked_for(world, sandbox):
    world.person(1, user_id="u1", segments=[3], consents=["email"], plan="free")
    world.person(2, user_id="u2", segments=[3], consents=["email"], plan="free")
    world.person(3, user_id="u3", segments=[3], consents=["email"], plan="free")
    world.export("plan", segment_id=3, purpose="email")
    await world.deliver_first(sandbox)
    world.person(2, user_id="u2", segments=[3], plan="free")
    world.person(3, user_id="u3", consents=["email"], plan="free")
    run = await world.compare()
    assert counts(run) == (3, 1, 0, 0, {"activate.no_consent": 1, "activate.not_a_member": 1})
    assert sandbox.requests(EXPORT)[0]["body"]["external_ids"] == ["u1"]


async def test_a_second_comparison_is_left_out_while_one_reads(world, sandbox):
    world.people(3)
    world.export("plan")
    await world.deliver_first(sandbox)
    sandbox.add_fault("slow", delay_ms=300, path=EXPORT)
    world.ask(1, comparison=ALL)
    world.ask(1, comparison=ALL)
    await world.deliver_all()
    first, second = world.comparisons()
    assert (first.state, second.state, second.code) == (
        RunState.SUCCEEDED,
        RunState.SKIPPED,
        "activate.run_overlap",
    )


async def test_a_repair_sends_exactly_what_differs(world, sandbox):
    world.people(4, score=1)
    world.export("plan", "score", "nick")
    await world.deliver_first(sandbox)
    sandbox.track(
        attributes=[
            {"external_id": "u1", "plan": "gold"},
            {"external_id": "u2", "score": None},
            {"external_id": "u3", "nick": "Bo"},
        ]
    )
    sandbox.flush()
    place = len(sandbox.sent_attributes())
    run = await world.compare(REPAIR)
    sent = sorted(sandbox.sent_attributes()[place:], key=lambda one: one["external_id"])
    assert sent == [{"external_id": "u1", "plan": "free"}, {"external_id": "u2", "score": 1}]
    assert (run.planned, run.total(Kind.PASSED)) == (2, 2)
    assert run.message.endswith("2 were sent what differs.")
    await world.deliver_first(sandbox)
    again = await world.compare(REPAIR)
    assert counts(again) == (4, 4, 0, 0, {})
    assert len(sandbox.sent_attributes()[place:]) == 2
    sandbox.flush()
    assert sandbox.user("u3")["custom_attributes"]["nick"] == "Bo"


async def test_without_a_repair_the_ledger_keeps_what_it_says(world, sandbox):
    world.people(1)
    world.export("plan")
    await world.deliver_first(sandbox)
    before = world.rows("select * from ledger")
    sandbox.track(attributes=[{"external_id": "u1", "plan": "gold"}])
    sandbox.flush()
    await world.compare()
    assert world.rows("select * from ledger") == before


async def test_a_value_that_was_removed_here_is_removed_there_by_a_repair_too(world, sandbox):
    world.people(1, nick="Al")
    world.export("plan", "nick", schedule=Schedule(ByHand()))
    world.ask(1)
    await world.deliver_first(sandbox)
    world.person(1, user_id="u1", plan="free")
    run = await world.compare(REPAIR)
    assert run.comparison.fields["nick"] == FieldCounts(unexpected=1)
    assert sandbox.sent_attributes()[-1] == {"external_id": "u1", "nick": None}


async def test_who_is_not_there_is_told_and_made_again_by_a_repair(world, sandbox):
    world.people(3)
    world.export("plan", "image_url")
    world.person(2, user_id="u2", plan="free", image_url="https://example.org/a.png")
    await world.deliver_first(sandbox)
    sandbox.call("/users/delete", {"external_ids": ["u2"]})
    sandbox.flush()
    run = await world.compare()
    assert counts(run) == (3, 2, 0, 1, {})
    assert world.differences(run) == {
        2: [{"field": "plan", "state": "missing", "ours": "free", "theirs": None}]
    }
    place = len(sandbox.sent_attributes())
    await world.compare(REPAIR)
    assert sandbox.sent_attributes()[place:] == [
        {"external_id": "u2", "plan": "free", "image_url": "https://example.org/a.png"}
    ]


async def test_what_braze_refused_is_not_refused_again_by_a_repair(world, sandbox):
    world.people(1, email_subscribe="opted_in")
    world.export("plan", "email")
    world.person(1, user_id="u1", plan="free", email="no address")
    await world.deliver_first(sandbox)
    letters = world.rows("select count(*) from letter")
    run = await world.compare(REPAIR)
    assert run.comparison.fields["email"] == FieldCounts(refused=1)
    assert world.rows("select count(*) from letter") == letters


async def test_fields_that_goals_share_are_repaired_in_the_ledger_that_they_share(world, sandbox):
    world.people(2)
    world.directory.connected = [
        msgspec.structs.replace(one, settings={**one.settings, "overlap": "priority"})
        for one in world.directory.connected
    ]
    world.export("plan", goal_id=1, position=0)
    world.export("plan", goal_id=2, position=1)
    await world.deliver_first(sandbox)
    sandbox.track(attributes=[{"external_id": "u1", "plan": "gold"}])
    sandbox.flush()
    place = len(sandbox.sent_attributes())
    run = await world.compare(REPAIR)
    assert counts(run) == (2, 1, 1, 0, {})
    other = await world.compare(REPAIR, goal_id=2)
    assert other.comparison.fields == {}, "the first goal has the say"
    await world.deliver_all()
    assert sandbox.sent_attributes()[place:] == [{"external_id": "u1", "plan": "free"}]


async def test_an_object_laid_over_another_is_the_same_while_all_of_it_is_there(world, sandbox):
    sandbox.track(attributes=[{"external_id": "u1", "home": {"city": "Rome", "zip": "00100"}}])
    sandbox.flush()
    world.person(1, user_id="u1", home={"city": "Rome"})
    world.export("home", merge_objects=True)
    await world.deliver_first(sandbox)
    assert counts(await world.compare()) == (1, 1, 0, 0, {})


async def test_an_erased_person_is_gone_from_what_is_kept(world, sandbox):
    world.people(2)
    world.export("plan")
    await world.deliver_first(sandbox)
    sandbox.track(attributes=[{"external_id": f"u{number}", "plan": "gold"} for number in (1, 2)])
    sandbox.flush()
    run = await world.compare()
    assert set(world.differences(run)) == {1, 2}
    world.erase(1)
    await world.deliver_all()
    assert set(world.differences(run)) == {2}


async def test_few_people_are_kept_to_look_at(world, sandbox):
    world.people(50)
    world.export("plan")
    await world.deliver_first(sandbox)
    sandbox.track(attributes=[{"external_id": f"u{number}", "plan": "gold"} for number in range(1, 51)])
    sandbox.flush()
    run = await world.compare()
    assert counts(run) == (50, 0, 50, 0, {})
    assert len(world.differences(run)) == 20
