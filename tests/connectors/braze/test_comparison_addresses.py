"""Whom a comparison asks the local Braze for, by whatever people are matched by."""

from collections.abc import Iterator

import pytest
from tests.connectors.braze.comparing import EXPORT, counts

from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.mapping import IdentifierValue, Mapping, TraitValue
from onefold.model.match import MatchKey
from onefold.model.profile import Seen
from onefold.testing.sandbox import BrazeSandbox, braze_sandbox


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
    await world.deliver_first(sandbox)
    run = await world.compare()
    assert counts(run) == (4, 4, 0, 0, {})
    asked = [
        {name: value for name, value in one["body"].items() if name != "fields_to_export"}
        for one in sandbox.requests(EXPORT)
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
    (run,) = world.comparisons()
    assert counts(run) == (1, 0, 0, 0, {"activate.braze.ambiguous": 1})


async def test_a_person_with_a_deprecated_external_id_is_found(world, sandbox):
    world.people(3)
    world.export("plan")
    await world.deliver_first(sandbox)
    renamed = {"current_external_id": "u2", "new_external_id": "other"}
    sandbox.call("/users/external_ids/rename", {"external_id_renames": [renamed]})
    sandbox.flush()
    assert counts(await world.compare()) == (3, 3, 0, 0, {})


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
    run = world.comparisons()[0]
    assert counts(run) == (120, 0, 0, 120, {})
    assert [one["status"] for one in limited.requests(EXPORT)] == [201] * 120
