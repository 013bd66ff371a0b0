"""Checking credentials says which permission is missing, and changes nothing."""

from collections.abc import Iterator

import pytest

from onefold.connectors.braze import connector
from onefold.model.connection import Connection
from onefold.testing.sandbox import BrazeSandbox, braze_sandbox


@pytest.fixture(scope="module")
def guarded() -> Iterator[BrazeSandbox]:
    narrow = {"key": "only-track", "name": "only track", "permissions": ["users.track"]}
    with braze_sandbox(delay_ms=0, jitter_ms=0, api_keys=[narrow]) as sandbox:
        yield sandbox


async def probe(url, key, **settings):
    settings["endpoint"] = url
    connection = Connection(1, "B", "braze", settings=settings, secrets={"api_key": key})
    destination = connector.open(connection)
    try:
        return {one.name: (one.passed, one.message) for one in await destination.check_credentials()}
    finally:
        await destination.close()


async def test_a_full_key_passes(guarded):
    found = await probe(guarded.url, guarded.api_key)
    assert [passed for passed, _ in found.values()] == [True, True]
    assert guarded.stats()["users"] == 0


async def test_what_the_settings_ask_for_is_tried_too(guarded):
    found = await probe(guarded.url, "only-track", merges="merge", changed_external_id="rename")
    lacking = [name for name, (passed, _) in found.items() if not passed]
    assert lacking == ["users.identify", "users.merge", "users.external_ids.rename"]


async def test_a_missing_permission_is_named(guarded):
    found = await probe(guarded.url, "only-track")
    assert found["users.track"][0]
    assert not found["users.identify"][0]
    assert "permissions of a key cannot be changed" in found["users.identify"][1]


async def test_an_unknown_key_and_a_wrong_address_are_told_apart(guarded):
    assert "does not know this API key" in (await probe(guarded.url, "nobody"))["users.track"][1]
    assert "cannot be reached" in (await probe("http://127.0.0.1:9", "k"))["users.track"][1]
