"""Testing a connection names every permission by itself, marks what goals need, and changes nothing."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from onefold.connectors.braze import connector
from onefold.connectors.braze.needs import needed_permissions, needs_bucket
from onefold.connectors.braze.origin import BrazeOrigin
from onefold.connectors.braze.permissions import PERMISSIONS
from onefold.errors import SetupError, TransientError
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.json import JsonValue
from onefold.model.match import MatchKey
from onefold.plugin import Probe
from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

EXPORT = Goal(1, 1, "export", "People", settings={"anonymous": "alias"})
EVENTS = Goal(2, 1, "events", "Events")
PLAIN = Connection(1, "B", "braze")
IMPORT = Goal(3, 1, "import", "People of Braze", settings={"audience": "0" * 36})


@pytest.fixture(scope="module")
def guarded() -> Iterator[BrazeSandbox]:
    narrow = {"key": "narrow", "name": "narrow", "permissions": ["users.track", "segments.list"]}
    blind = {"key": "blind", "name": "blind", "permissions": ["segments.list"]}
    mute = {"key": "mute", "name": "mute", "permissions": ["users.track"]}
    with braze_sandbox(delay_ms=0, jitter_ms=0, api_keys=[narrow, blind, mute]) as sandbox:
        yield sandbox


async def probe(url: str, key: str, goals: Sequence[Goal] = (), **settings: str) -> dict[str, Probe]:
    settings["endpoint"] = url
    connection = Connection(1, "B", "braze", settings=settings, secrets={"api_key": key})
    destination = connector.open(connection)
    try:
        return {one.name: one for one in await destination.probe_all(goals)}
    finally:
        await destination.close()


async def test_every_permission_is_probed_and_nothing_changes(guarded: BrazeSandbox) -> None:
    found = await probe(guarded.url, guarded.api_key)
    assert list(found) == [permission.name for permission in PERMISSIONS]
    assert found["users.track"].passed
    assert found["users.delete"].passed
    assert guarded.stats()["users"] == 0


async def test_what_a_goal_needs_is_marked_and_each_missing_one_has_its_remedy(guarded: BrazeSandbox) -> None:
    found = await probe(guarded.url, "narrow", [EXPORT, EVENTS])
    assert [name for name, one in found.items() if one.needed] == ["users.track", "users.identify"]
    assert found["users.track"].passed
    assert found["segments.list"].passed
    missing = found["users.identify"]
    assert not missing.passed
    assert "users.identify" in missing.message
    assert "Make a new key" in missing.message
    assert "joining anonymous people" in missing.needed_for


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"merges": "merge"}, ["users.merge"]),
        ({"changed_external_id": "rename"}, ["users.external_ids.rename", "users.export.ids"]),
    ],
)
async def test_what_a_setting_of_the_connection_needs_is_marked(
    guarded: BrazeSandbox, settings: dict[str, str], names: list[str]
) -> None:
    found = await probe(guarded.url, guarded.api_key, [EVENTS], **settings)
    assert [name for name, one in found.items() if one.needed] == ["users.track", *names]


async def test_a_key_without_track_is_told_so_and_not_called_unknown(guarded: BrazeSandbox) -> None:
    found = await probe(guarded.url, "blind")
    assert not found["users.track"].passed
    assert found["users.track"].needed
    assert found["segments.list"].passed


async def test_a_wrong_key_is_told_once(guarded: BrazeSandbox) -> None:
    (only,) = (await probe(guarded.url, "nobody")).values()
    assert (only.name, only.passed, only.needed, only.field) == ("key", False, True, "api_key")
    assert "same instance" in only.message


async def test_nobody_there_is_told_once() -> None:
    with pytest.raises(TransientError, match="cannot be reached"):
        await probe("http://127.0.0.1:9", "k")


def test_reading_back_is_needed_where_a_goal_compares_first() -> None:
    first = Goal(4, 1, "export", "First", compare_first=True)
    assert needed_permissions(PLAIN, [first]) == {"users.track", "users.export.ids"}


BY_ID, BY_EMAIL = MatchKey("external_id", "user_id"), MatchKey("email", "email")
BY_ALIAS = MatchKey("alias", "anonymous_id")


@pytest.mark.parametrize(
    ("keys", "settings", "is_needed"),
    [
        ([[BY_ID, BY_EMAIL]], {}, True),
        ([[BY_ID, BY_ALIAS]], {}, True),
        ([[BY_ALIAS], [BY_ID]], {}, True),
        ([[BY_ID]], {}, False),
        ([[BY_EMAIL]], {}, False),
        ([[BY_EMAIL], [BY_ID]], {}, False),
        ([[BY_ID, BY_EMAIL]], {"create": "update_only"}, False),
        ([[]], {"anonymous": "alias"}, True),
        ([[]], {"anonymous": "alias", "create": "update_only"}, False),
        ([[BY_EMAIL]], {"anonymous": "alias"}, False),
    ],
)
def test_joining_is_needed_where_somebody_is_made_who_may_turn_out_to_be_known(
    keys: list[list[MatchKey]], settings: dict[str, JsonValue], is_needed: bool
) -> None:
    goals = [
        Goal(number, 1, "export", "G", settings=settings, match=match) for number, match in enumerate(keys)
    ]
    assert ("users.identify" in needed_permissions(PLAIN, goals)) is is_needed


def test_without_goals_a_key_is_for_tracking() -> None:
    assert needed_permissions(PLAIN, []) == {"users.track"}
    assert needed_permissions(PLAIN, [EVENTS]) == {"users.track"}


def test_bringing_people_in_needs_other_permissions_and_the_bucket() -> None:
    goal = Goal(3, 1, "import", "People of Braze")
    assert needed_permissions(PLAIN, [goal]) == {"users.export.segment", "segments.list"}
    assert needs_bucket([goal])
    assert not needs_bucket([EXPORT, EVENTS])


async def test_segments_of_braze_are_listed_page_by_page_and_searched(guarded: BrazeSandbox) -> None:
    for number in range(3):
        guarded.control(
            "POST", "segments", {"id": f"{number:08}-0000-0000-0000-000000000000", "name": f"Club {number}"}
        )
    connection = Connection(
        1, "B", "braze", settings={"endpoint": guarded.url}, secrets={"api_key": guarded.api_key}
    )
    page = await connector.options(connection, "audience", goal_kind="import", search="club")
    assert [option.title for option in page.items] == ["Club 0", "Club 1", "Club 2"]
    assert page.items[0].value.startswith("00000000-")
    only = await connector.options(connection, "audience", goal_kind="import", search="CLUB 1")
    assert [option.title for option in only.items] == ["Club 1"]
    assert (await connector.options(connection, "audience", goal_kind="import", cursor="x")).items == []
    nothing = Connection(1, "B", "braze")
    with pytest.raises(SetupError, match="must be given first"):
        await connector.options(nothing, "audience", goal_kind="import")


@pytest.mark.parametrize(
    ("permission", "ask"),
    [
        ("users.export.segment", lambda origin: origin.begin(IMPORT, "run-1")),
        ("segments.list", lambda origin: origin.audiences(search="", after="", count_max=5)),
        ("custom_attributes.get", lambda origin: origin.fields()),
    ],
)
def test_an_import_names_the_permission_that_its_key_lacks(
    guarded: BrazeSandbox, permission: str, ask: Callable[[BrazeOrigin], object]
) -> None:
    origin = connector.open_origin(
        Connection(1, "B", "braze", settings={"endpoint": guarded.url}, secrets={"api_key": "mute"})
    )
    with pytest.raises(SetupError) as caught:
        ask(origin)
    assert caught.value.permission == permission
    assert f"permission {permission} " in caught.value.message
    assert permission in caught.value.hint
