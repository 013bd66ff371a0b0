"""An external id that changes is renamed in Braze: no second user comes to be, and no field is sent twice."""

import msgspec
import pytest

from onefold.connectors.braze.client import BrazeDestination
from onefold.connectors.braze.deletions import DeletionsWriter
from onefold.connectors.braze.renames import Renames, name_person
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, TraitValue
from onefold.model.match import MatchKey
from onefold.model.outcome import Kind
from onefold.model.profile import Seen
from onefold.testing.sandbox import braze_sandbox

CUSTOMER = MatchKey("external_id", "customer")
TAKEN = (Kind.FILTERED, "activate.braze.id_taken")
NOT_RENAMED = (Kind.FILTERED, "activate.braze.id_not_renamed")
TRACK = {"type": "track", "event": "Viewed"}


@pytest.fixture
def renaming(world):
    """A connection that renames."""
    (plain,) = world.directory.connected
    settings = {**plain.settings, "changed_external_id": "rename"}
    world.directory.connected = [msgspec.structs.replace(plain, settings=settings)]
    return world


def person(world, profile_id, *customers, user_id="", **traits):
    """Someone with these customer numbers, the oldest first."""
    profile = world.person(profile_id, **traits)
    if customers:
        profile.identifiers["customer"] = {one: Seen(at, 100) for at, one in enumerate(customers, 1)}
    if user_id:
        profile.identifiers["user_id"] = {user_id: Seen(50, 50)}
    world.keep(profile)


def export(world, *match, fields=("plan", "color"), goal_id=1, **settings):
    rows = [Mapping(TraitValue(field), field) for field in fields]
    keys = list(match or (CUSTOMER,))
    world.set_goal(Goal(goal_id, 1, "export", "Export", True, 0, rows, settings, match=keys))


def events(world):
    goal = Goal(2, 1, "events", "Events", True, 0, [], {"start": "beginning"}, match=[CUSTOMER])
    world.set_goal(goal)


def renames(sandbox):
    """What Braze was asked to rename: pairs of old and new."""
    sandbox.flush()
    return [
        (one["current_external_id"], one["new_external_id"])
        for entry in sandbox.journal()
        if entry["path"] == "/users/external_ids/rename"
        for one in (entry["body"] or {}).get("external_id_renames", [])
    ]


def told(sandbox):
    """External id -> attributes, of everyone in Braze."""
    sandbox.flush()
    return {
        user["external_id"]: sandbox.user(user["external_id"])["custom_attributes"]
        for user in sandbox.users()
    }


async def deliver(world, *profile_ids, **commit):
    """What became of these is delivered."""
    world.commit(*profile_ids, **commit)
    await world.deliver_all()


async def test_the_user_is_renamed_and_nothing_is_told_again(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    spent = sandbox.stats()["data_points"]["total"]
    person(renaming, 1, "c1", "c2", plan="pro", color="red")
    await deliver(renaming, 1)
    assert renames(sandbox) == [("c1", "c2")]
    assert told(sandbox) == {"c2": {"plan": "pro", "color": "red"}}
    assert sandbox.stats()["data_points"]["total"] == spent
    person(renaming, 1, "c1", "c2", plan="pro", color="blue")
    await deliver(renaming, 1)
    assert sandbox.sent_attributes()[-1] == {"external_id": "c2", "color": "blue"}
    assert len(renames(sandbox)) == 1


async def test_a_change_of_a_field_travels_behind_the_rename(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="free", color="red")
    await deliver(renaming, 1)
    assert told(sandbox) == {"c2": {"plan": "free", "color": "red"}}
    assert sandbox.sent_attributes()[-1] == {"external_id": "c2", "plan": "free"}


async def test_without_the_setting_the_oldest_id_stays(world, sandbox):
    person(world, 1, "c1", plan="pro")
    export(world)
    await world.deliver_all()
    person(world, 1, "c1", "c2", plan="free")
    await deliver(world, 1)
    assert renames(sandbox) == []
    assert told(sandbox) == {"c1": {"plan": "free"}}


async def test_events_go_to_the_same_user(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro")
    export(renaming)
    events(renaming)
    await deliver(renaming, 1, events=[(1, {**TRACK, "messageId": "m1"})])
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="pro")
    await deliver(renaming, 1, events=[(1, {**TRACK, "messageId": "m2"})])
    assert renames(sandbox) == [("c1", "c2")]
    assert [(user["external_id"], user["events"]) for user in sandbox.users()] == [("c2", 2)]


async def test_a_goal_of_events_alone_renames_too(renaming, sandbox):
    person(renaming, 1, "c1")
    events(renaming)
    await deliver(renaming, 1, events=[(1, {**TRACK, "messageId": "m1"})])
    sandbox.flush()
    person(renaming, 1, "c1", "c2")
    await deliver(renaming, 1, events=[(1, {**TRACK, "messageId": "m2"})])
    sandbox.flush()
    assert [(user["external_id"], user["events"]) for user in sandbox.users()] == [("c2", 2)]


async def test_an_id_may_change_again_and_a_former_one_is_not_asked_for(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    for last in (2, 3):
        sandbox.flush()
        person(renaming, 1, *(f"c{number}" for number in range(1, last + 1)), plan="pro", color="red")
        await deliver(renaming, 1)
    assert renames(sandbox) == [("c1", "c2"), ("c2", "c3")]
    # The last one left the person: what is left leads to the same user.
    person(renaming, 1, "c1", "c2", plan="pro", color="blue")
    await deliver(renaming, 1)
    assert len(renames(sandbox)) == 2
    assert told(sandbox) == {"c3": {"plan": "pro", "color": "blue"}}
    assert sandbox.sent_attributes()[-1] == {"external_id": "c2", "color": "blue"}


async def test_a_key_higher_in_the_list_is_another_id_of_the_same_person(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming, MatchKey("external_id", "user_id"), CUSTOMER)
    await renaming.deliver_all()
    sandbox.flush()
    person(renaming, 1, "c1", user_id="u1", plan="pro", color="red")
    await deliver(renaming, 1)
    assert renames(sandbox) == [("c1", "u1")]
    assert told(sandbox) == {"u1": {"plan": "pro", "color": "red"}}


async def test_goals_that_know_the_person_by_different_ids_do_not_quarrel(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming, MatchKey("external_id", "user_id"), CUSTOMER, fields=("plan",))
    export(renaming, CUSTOMER, fields=("color",), goal_id=3)
    await renaming.deliver_all()
    for color in ("blue", "green"):
        sandbox.flush()
        person(renaming, 1, "c1", user_id="u1", plan="pro", color=color)
        await deliver(renaming, 1)
    assert renames(sandbox) == [("c1", "u1")]
    assert told(sandbox) == {"u1": {"plan": "pro", "color": "green"}}


async def test_an_id_that_another_user_has_gets_everything_and_is_counted(renaming, sandbox):
    sandbox.track(attributes=[{"external_id": "c2", "plan": "free"}])
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="pro", color="blue")
    await deliver(renaming, 1)
    assert told(sandbox) == {
        "c1": {"plan": "pro", "color": "red"},
        "c2": {"plan": "pro", "color": "blue"},
    }
    assert renaming.counts(1)[TAKEN] == 1
    assert not renaming.rows("select 1 from letter")
    person(renaming, 1, "c1", "c2", plan="pro", color="green")
    await deliver(renaming, 1)
    assert len(renames(sandbox)) == 1
    assert sandbox.sent_attributes()[-1] == {"external_id": "c2", "color": "green"}
    person(renaming, 1, "c1", "c2", "c3", plan="pro", color="green")
    await deliver(renaming, 1)
    assert renames(sandbox)[1:] == [("c2", "c3")]
    assert told(sandbox)["c3"] == {"plan": "pro", "color": "green"}


async def test_deliver_that_ends_before_the_answer_leaves_nobody_half_told(renaming, sandbox):
    sandbox.track(attributes=[{"external_id": "c2"}])
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    sandbox.add_fault("slow", delay_ms=0, next=1, path="/users/external_ids/rename")
    sandbox.add_fault("slow", delay_ms=300, path="/users/external_ids/rename")
    person(renaming, 1, "c1", "c2", plan="free", color="red")
    renaming.commit(1)
    async with renaming.delivering():
        await renaming.until(lambda: renaming.rows("select 1 from sending where sent = 1"))
    await renaming.deliver_all()
    assert told(sandbox)["c2"] == {"plan": "free", "color": "red"}


async def test_an_id_that_braze_never_had_is_no_obstacle(renaming, sandbox):
    person(renaming, 1, "c1", "c2", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    assert renames(sandbox) == [("c1", "c2")]
    assert told(sandbox) == {"c2": {"plan": "pro", "color": "red"}}
    assert renaming.counts(1)[NOT_RENAMED] == 1
    assert not renaming.rows("select 1 from letter")


async def test_whom_braze_has_lost_is_told_everything_under_the_new_id(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    sandbox.call("/users/delete", {"external_ids": ["c1"]})
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="free", color="red")
    await deliver(renaming, 1)
    assert told(sandbox) == {"c2": {"plan": "free", "color": "red"}}


async def test_a_run_that_is_scheduled_ends_with_everything_told(renaming, sandbox):
    sandbox.track(attributes=[{"external_id": "c2"}])
    person(renaming, 1, "c1", plan="pro", color="red")
    renaming.export("plan", "color")
    (goal,) = renaming.directory.wanted
    by_hand = msgspec.json.decode(b'{"rule": {"kind": "by_hand"}}', type=type(goal.schedule))
    renaming.set_goal(msgspec.structs.replace(goal, schedule=by_hand, match=[CUSTOMER]))
    renaming.ask(1)
    await renaming.deliver_all()
    person(renaming, 1, "c1", "c2", plan="pro", color="red")
    renaming.ask(1)
    await renaming.deliver_all()
    assert told(sandbox)["c2"] == {"plan": "pro", "color": "red"}
    run = renaming.runs()[-1]
    assert run.planned == sum(run.total(kind) for kind in Kind)


async def test_what_is_taken_back_without_consent_is_taken_from_the_same_user(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red", consents=["email"])
    export(renaming, leaving="null")
    (goal,) = renaming.directory.wanted
    renaming.set_goal(msgspec.structs.replace(goal, purpose="email"))
    await renaming.deliver_all()
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="pro", color="red")
    await deliver(renaming, 1)
    assert told(sandbox) == {"c2": {}}
    person(renaming, 2, "d1", "d2", plan="pro", color="red")
    await deliver(renaming, 2)
    assert renames(sandbox) == [("c1", "c2")], "of who has not consented nothing is said"


async def test_a_rename_that_one_goal_may_not_send_is_sent_for_another(renaming, sandbox):
    """Consent to the first goal's purpose is withdrawn between planning and sending."""
    person(renaming, 1, "c1", plan="pro", color="red", size="L", consents=["email"])
    export(renaming, fields=("plan",))
    (goal,) = renaming.directory.wanted
    renaming.set_goal(msgspec.structs.replace(goal, purpose="email"))
    export(renaming, fields=("color", "size"), goal_id=3)
    await renaming.deliver_all()
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="free", color="blue", size="L", consents=["email"])
    renaming.commit(1)
    # The first request only asks whether it may.
    sandbox.add_fault("slow", delay_ms=0, next=1, path="/users/external_ids/rename")
    sandbox.add_fault("status", status=503, path="/users/external_ids/rename")
    async with renaming.delivering():
        await renaming.until(lambda: renaming.rows("select 1 from sending where attempts > 0"))
        person(renaming, 1, "c1", "c2", plan="free", color="blue", size="L")
        sandbox.clear_faults()
        await renaming.until(lambda: told(sandbox).get("c2") == {"color": "blue", "size": "L"})


async def test_two_people_who_turn_out_to_be_one(renaming, sandbox):
    """Both stand in Braze: the id that came last is the address, and holds all that the person has."""
    person(renaming, 1, "c1", plan="pro")
    profile = renaming.person(2, color="red")
    profile.identifiers["customer"] = {"c2": Seen(2, 2)}
    renaming.keep(profile)
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    person(renaming, 1, "c1", "c2", plan="pro", color="red")
    await deliver(renaming, 1, merged=[(2, 1)])
    assert told(sandbox)["c2"] == {"plan": "pro", "color": "red"}


async def test_a_merge_keeps_the_current_id(renaming, sandbox):
    (there,) = renaming.directory.connected
    settings = {**there.settings, "merges": "merge", "merge_hold_minutes": 0}
    renaming.directory.connected = [msgspec.structs.replace(there, settings=settings)]
    alias = MatchKey("alias", "anonymous_id")
    renaming.person(1, anonymous_id="a1", plan="pro")
    renaming.person(2, anonymous_id="a2", color="red")
    export(renaming, CUSTOMER, alias)
    await renaming.deliver_all()
    for customers in (("c1",), ("c1", "c2")):
        sandbox.flush()
        profile = renaming.person(1, anonymous_id="a1", plan="pro")
        profile.identifiers["customer"] = {one: Seen(at, 100) for at, one in enumerate(customers, 1)}
        renaming.keep(profile)
        await deliver(renaming, 1)
    sandbox.flush()
    profile = renaming.person(1, anonymous_id=["a1", "a2"], plan="pro", color="red")
    profile.identifiers["customer"] = {one: Seen(at, 100) for at, one in enumerate(("c1", "c2"), 1)}
    renaming.keep(profile)
    await deliver(renaming, 1, merged=[(2, 1)])
    merges = [one["body"] for one in sandbox.journal() if one["path"] == "/users/merge"]
    assert [one["merge_updates"][0]["identifier_to_keep"] for one in merges] == [{"external_id": "c2"}]
    assert told(sandbox) == {"c2": {"plan": "pro", "color": "red"}}


async def change_while_running(world, sandbox, break_it):
    """Deliver, then let something break the rename of the person."""
    person(world, 1, "c1", plan="pro", color="red")
    export(world)
    async with world.delivering():
        await world.until(lambda: world.counts(1).get((Kind.PASSED, "")))
        sandbox.flush()
        break_it()
        person(world, 1, "c1", "c2", plan="free", color="red")
        world.commit(1)
        await world.until(lambda: world.counts(1).get((Kind.PASSED, "")) == 3)
    sandbox.flush()


async def test_a_rename_whose_answer_was_lost_is_not_taken_for_a_failure(renaming, sandbox):
    def lose_the_answer():
        sandbox.add_fault("reset", when="after", next=1, path="/users/external_ids/rename")

    await change_while_running(renaming, sandbox, lose_the_answer)
    assert renames(sandbox) == [("c1", "c2")] * 2
    assert sandbox.sent_attributes()[-1] == {"external_id": "c2", "plan": "free"}, "nothing is paid twice"
    assert told(sandbox) == {"c2": {"plan": "free", "color": "red"}}


async def test_a_storm_of_refusals_is_waited_out(renaming, sandbox):
    def storm():
        sandbox.add_fault("throttle", next=2, retry_after_s=1, path="/users/external_ids/rename")

    await change_while_running(renaming, sandbox, storm)
    assert told(sandbox) == {"c2": {"plan": "free", "color": "red"}}


async def test_a_request_that_is_refused_as_a_whole_holds_nobody_up(renaming, sandbox):
    for number in (1, 2):
        person(renaming, number, f"c{number}", plan="pro", color="red")
    export(renaming)
    async with renaming.delivering():
        await renaming.until(lambda: renaming.counts(1).get((Kind.PASSED, "")) == 2)
        sandbox.flush()
        sandbox.add_fault("status", status=400, path="/users/external_ids/rename")
        for number in (1, 2):
            person(renaming, number, f"c{number}", f"d{number}", plan="pro", color="blue")
        renaming.commit(1, 2)
        await renaming.until(lambda: renaming.counts(1).get(NOT_RENAMED) == 2)
        await renaming.until(lambda: told(sandbox).get("d2") == {"plan": "pro", "color": "blue"})
    assert told(sandbox)["d1"] == {"plan": "pro", "color": "blue"}


async def test_killed_between_the_rename_and_its_ledger_nothing_is_lost_or_paid_twice(renaming, sandbox):
    person(renaming, 1, "c1", plan="pro", color="red")
    export(renaming)
    await renaming.deliver_all()
    sandbox.flush()
    # Done, and the answer held back: deliver dies before it hears of it.
    # The first request only asks whether it may.
    sandbox.add_fault("slow", delay_ms=0, next=1, path="/users/external_ids/rename")
    sandbox.add_fault("slow", when="after", delay_ms=10_000, path="/users/external_ids/rename")
    person(renaming, 1, "c1", "c2", plan="free", color="red")
    renaming.commit(1)
    process = renaming.start()
    try:
        await renaming.until(lambda: sandbox.user("c2"))
        assert renaming.rows("select 1 from sending where sent = 1")
    finally:
        process.kill()
        process.wait()
    sandbox.clear_faults()
    await renaming.deliver_all()
    assert sandbox.sent_attributes()[-1] == {"external_id": "c2", "plan": "free"}
    assert told(sandbox) == {"c2": {"plan": "free", "color": "red"}}
    assert renaming.counts(1)[Kind.PASSED, ""] == 3


NARROW = ["users.track", "users.identify", "users.export.ids"]


async def test_without_the_permission_people_keep_their_id_and_all_else_goes_on(renaming):
    keys = [
        {"key": "narrow", "name": "narrow", "permissions": NARROW},
        {"key": "whole", "name": "whole", "permissions": [*NARROW, "users.external_ids.rename"]},
    ]
    (there,) = renaming.directory.connected
    with braze_sandbox(delay_ms=0, jitter_ms=0, rate_profile="off", api_keys=keys) as strict:
        settings = {**there.settings, "endpoint": strict.url}
        narrow = msgspec.structs.replace(there, settings=settings, secrets={"api_key": "narrow"})
        renaming.directory.connected = [narrow]
        person(renaming, 1, "c1", plan="pro", color="red")
        export(renaming)
        await renaming.deliver_all()
        strict.flush()
        person(renaming, 1, "c1", "c2", plan="free", color="red")
        renaming.commit(1)
        async with renaming.delivering():
            limited = "select reason from connection where state = 'limited'"
            await renaming.until(lambda: renaming.rows(limited))
            assert "users.external_ids.rename" in str(renaming.rows(limited))
            await renaming.until(lambda: told(strict) == {"c1": {"plan": "free", "color": "red"}})
        renaming.directory.connected = [msgspec.structs.replace(narrow, secrets={"api_key": "whole"})]
        person(renaming, 1, "c1", "c2", plan="gold", color="red")
        await deliver(renaming, 1)
        assert told(strict) == {"c2": {"plan": "gold", "color": "red"}}


async def test_the_test_of_a_connection_names_the_permission(renaming):
    (there,) = renaming.directory.connected
    destination = BrazeDestination(there)
    needed = {probe.name for probe in await destination.probe_all([]) if probe.needed}
    assert "users.external_ids.rename" in needed
    assert "users.external_ids.rename" in {one.name for one in await destination.check_credentials()}
    await destination.close()


def test_whoever_was_renamed_is_deleted_by_each_id_that_may_lead_there():
    known = {'\nexternal_id\n["c2","c1"]': -10, '\nexternal_id\n["c3","c2"]': 11}
    drafts = DeletionsWriter("l").write({}, known)
    assert {draft.body for draft in drafts} == {b'"c1"', b'"c2"', b'"c3"'}


def test_an_id_may_hold_anything_that_an_identifier_may():
    old, new = "a\nb", 'c"\n\\d'
    named = name_person([old, new], new, {}, Renames.ASK)
    (draft,) = named.before
    assert msgspec.json.decode(draft.body) == {"current_external_id": old, "new_external_id": new}
    assert (named.current, named.origin) == (new, old)
    assert name_person([old, new], new, draft.known, Renames.ASK) == (new, old, ())
    refused = {mark: -state for mark, state in draft.known.items()}
    assert name_person([old, new], new, refused, Renames.ASK) == (new, new, ())
    assert name_person([old, new], new, {}, Renames.WAIT) == (old, old, ())
    doubtful = dict.fromkeys(draft.known, 0)
    assert name_person([old, new], new, doubtful, Renames.ASK) == named


def parcels(*pairs):
    class Parcel(msgspec.Struct):
        part: str
        body: bytes

    return [
        Parcel(
            "external_id_renames",
            msgspec.json.encode({"current_external_id": old, "new_external_id": new}),
        )
        for old, new in pairs
    ]


@pytest.mark.parametrize(
    "errors",
    [
        [[1, "new_external_id is already in use"]],
        [{"index": 1, "message": "new_external_id is already in use"}],
        [["new_external_id is already in use"]],
        ["new_external_id is already in use"],
    ],
)
async def test_an_error_is_found_in_whatever_form_it_comes(aiohttp_answers, errors):
    url = await aiohttp_answers(
        {
            "/users/external_ids/rename": {
                "message": "success",
                "external_ids": ["n1", "n3"],
                "rename_errors": errors,
            },
            "/users/export/ids": {"message": "success", "users": []},
        }
    )
    destination = BrazeDestination(
        Connection(1, "B", "braze", settings={"endpoint": url}, secrets={"api_key": "k"})
    )
    outcomes = await destination.send("rename", parcels(("o1", "n1"), ("o2", "n2"), ("o3", "n3")))
    await destination.close()
    assert [(one.kind, one.code) for one in outcomes] == [(Kind.PASSED, ""), TAKEN, (Kind.PASSED, "")]


@pytest.fixture
async def aiohttp_answers():
    """A server that answers by path; gives its URL."""
    from aiohttp import web

    runners = []

    async def serve(answers):
        async def answer(request):
            return web.json_response(answers[request.path], status=201)

        application = web.Application()
        application.router.add_post("/{path:.*}", answer)
        runner = web.AppRunner(application)
        await runner.setup()
        runners.append(runner)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield serve
    for runner in runners:
        await runner.cleanup()


async def test_a_message_that_is_no_success_is_tried_again(renaming, sandbox):
    def deny():
        sandbox.add_fault("message", next=1, path="/users/external_ids/rename")

    await change_while_running(renaming, sandbox, deny)
    assert told(sandbox) == {"c2": {"plan": "free", "color": "red"}}
