"""Values are brought into the type that Braze holds, or refused with a remedy before anything is sent.

The other side is a stand-in for GET /custom_attributes as documented, beside /users/track.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from onefold.connectors.braze.client import BrazeDestination
from onefold.connectors.braze.held import Held
from onefold.connectors.braze.origin import BrazeOrigin
from onefold.errors import ConnectorError
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.mapping import ValueType
from onefold.plugin import Refusal

TYPES = {
    "age": "Number",
    "name": "String (Automatically Detected)",
    "vip": "Boolean",
    "born": "Time",
    "tags": "Array",
    "home": "Object",
    "pets": "Object Array",
}


def held(**types: str) -> Held:
    made = Held()
    made.types = {name: kind.partition("(")[0].strip().lower() for name, kind in {**TYPES, **types}.items()}
    return made


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("age", "31", 31),
        ("age", "3.5", 3.5),
        ("name", 7, "7"),
        ("name", True, "true"),
        ("vip", "1", True),
        ("vip", 0, False),
        ("born", "1990-05-28", "1990-05-28T00:00:00.000Z"),
        ("tags", ["a"], ["a"]),
        ("home", {"city": "Rome"}, {"city": "Rome"}),
        ("pets", [{"name": "Rex"}], [{"name": "Rex"}]),
        ("unknown", {"any": 1}, {"any": 1}),
        ("age", None, None),
    ],
)
def test_a_value_becomes_what_braze_holds(field, value, expected):
    assert held().fit(field, value) == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("age", "old"),
        ("age", True),
        ("vip", "maybe"),
        ("born", "soon"),
        ("name", ["a"]),
        ("tags", "a"),
        ("tags", [{"a": 1}]),
        ("home", "Rome"),
        ("pets", ["Rex"]),
    ],
)
def test_what_cannot_become_it_is_refused_with_a_remedy(field, value):
    found = held().fit(field, value)
    assert isinstance(found, Refusal)
    assert (found.code, found.field) == ("activate.braze.type", field)
    assert TYPES[field].split()[0].lower() in found.reason
    assert found.hint


def test_a_blocklisted_attribute_is_refused():
    made = held()
    made.blocklisted = frozenset({"age"})
    assert made.fit("age", 31).code == "activate.braze.blocklisted"


class Workspace:
    """What Braze documents of the endpoint: 50 a page, the next one in a Link header."""

    def __init__(self) -> None:
        self.names = {f"attribute_{number}": "String" for number in range(120)} | TYPES
        self.status = 200
        self.received: list[dict[str, object]] = []
        self.url = ""

    async def attributes(self, request: web.Request) -> web.Response:
        if self.status != 200:
            return web.json_response({"message": "no"}, status=self.status)
        first = int(request.query.get("cursor", "0"))
        page = [
            {"name": name, "data_type": kind, "status": "Active", "description": None, "array_length": None}
            for name, kind in list(self.names.items())[first : first + 50]
        ]
        more = first + 50 < len(self.names)
        link = {"Link": f'<{self.url}/custom_attributes?cursor={first + 50}>; rel="next"'} if more else {}
        return web.json_response({"message": "success", "attributes": page}, headers=link)

    async def track(self, request: web.Request) -> web.Response:
        self.received += (await request.json())["attributes"]
        return web.json_response({"message": "success"}, status=201)


@pytest.fixture
async def braze_types() -> AsyncIterator[Workspace]:
    made = Workspace()
    application = web.Application()
    application.router.add_get("/custom_attributes", made.attributes)
    application.router.add_post("/users/track", made.track)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


EXPORT = Goal(1, 1, "export", "Export")


def to(workspace: Workspace) -> Connection:
    return Connection(1, "B", "braze", settings={"endpoint": workspace.url}, secrets={"api_key": "k"})


async def test_all_pages_are_read(braze_types):
    destination = BrazeDestination(to(braze_types))
    await destination.learn([EXPORT])
    assert len(destination._held.types) == 127
    assert destination._held.types["pets"] == "object array"
    await destination.close()


@pytest.mark.parametrize("status", [403, 404, 401, 400])
async def test_without_the_permission_types_stay_unknown(braze_types, status):
    braze_types.status = status
    destination = BrazeDestination(to(braze_types))
    await destination.learn([EXPORT])
    assert destination._held.types == {}
    await destination.close()


async def test_an_import_offers_the_attributes_of_all_pages(braze_types):
    origin = BrazeOrigin(to(braze_types), None)
    offered = {one.name: one.type for one in await asyncio.to_thread(origin.fields)}
    assert set(braze_types.names) - {"home"} <= set(offered) | {"custom_attributes.home"}
    assert offered["pets"] is ValueType.LIST


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_an_import_says_why_there_are_no_attributes(braze_types, status):
    braze_types.status = status
    with pytest.raises(ConnectorError):
        await asyncio.to_thread(BrazeOrigin(to(braze_types), None).fields)


async def test_a_goal_sends_in_the_type_that_braze_holds(world, braze_types):
    world.directory.connected = [to(braze_types)]
    world.person(1, user_id="u1", age="31", vip="yes", name=7)
    world.person(2, user_id="u2", age="old", vip="no")
    world.export("age", "vip", "name")
    await world.deliver_all()
    assert braze_types.received == [
        {"external_id": "u1", "age": 31, "vip": True, "name": "7"},
        {"external_id": "u2", "vip": False},
    ]
    letters = world.rows("select code, field, hint from letter")
    assert [letter[:2] for letter in letters] == [("activate.braze.type", "age")]
    assert "type of a name in Braze stays" in str(letters[0][2])


async def test_a_braze_that_fails_to_tell_does_not_hold_up_the_goal(world, braze_types):
    braze_types.status = 503
    world.directory.connected = [to(braze_types)]
    world.person(1, user_id="u1", age="31")
    world.export("age")
    async with asyncio.timeout(10):
        await world.deliver_all()
    assert braze_types.received == [{"external_id": "u1", "age": "31"}]


async def test_the_local_braze_tells_its_types_and_keeps_them(world, sandbox):
    sandbox.track(attributes=[{"external_id": "u0", "age": 1, "vip": True, "tags": ["a"]}])
    sandbox.flush()
    world.person(1, user_id="u1", age="31", vip="yes", tags="a")
    world.export("age", "vip", "tags")
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_attributes"] == {"age": 31, "vip": True}
    assert world.rows("select code, field from letter") == [("activate.braze.type", "tags")]
