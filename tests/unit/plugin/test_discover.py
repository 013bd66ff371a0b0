"""Connectors are found by their entry point."""

import msgspec

from onefold.model.goal import Goal
from onefold.plugin.declare import Feed
from onefold.plugin.discover import find_connectors

FEEDS = {
    "braze": [
        *(Feed.PROFILES, Feed.EVENTS, Feed.PROFILES),
        *(Feed.ROWS, Feed.FEEDBACK, Feed.ERASURES),
    ],
    "http": [Feed.MOMENTS],
}


def test_ours_is_found_like_a_strangers():
    found = find_connectors()
    assert found.connectors.keys() == {"braze", "http"}
    assert found.failures == {}


def test_the_declaration_is_plain_json():
    for connector in find_connectors().connectors.values():
        told = msgspec.json.decode(msgspec.json.encode(connector.info))
        assert told["name"] == connector.info.name
        assert [kind["feed"] for kind in told["goals"]] == FEEDS[connector.info.name]


def test_every_code_has_a_meaning():
    for connector in find_connectors().connectors.values():
        codes = [code.code for code in connector.info.codes]
        assert len(set(codes)) == len(codes)
        assert all(
            code.meaning and code.code.startswith(("activate.", "acquire.")) for code in connector.info.codes
        )


def test_a_goal_names_itself_as_counters_do():
    assert Goal(7, 3, "export", "G").subject == "3/7"
