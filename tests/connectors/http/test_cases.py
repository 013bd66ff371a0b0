"""Cases as plain data: settings and a person in, the request (secrets masked) or the refusal out."""

import json
from pathlib import Path

import msgspec
import pytest

from onefold.clock import from_iso
from onefold.connectors.http import HttpConnector
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.outcome import Outcome
from onefold.plugin import Happening, Moment, Refusal, Subject
from onefold.plugin.check import check_connection, check_goal

CASES = json.loads((Path(__file__).parent / "cases" / "calls.json").read_text(encoding="utf-8"))
AT = from_iso("2026-11-27T21:00:00Z")
CONNECTOR = HttpConnector()
CONNECTION = Connection(
    1,
    "API",
    "http",
    settings={"endpoint": "https://api.example.com", "hosts": ["hooks.example.com"]},
    secrets={"api_key": "sk-very-secret"},
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case):
    kind = CONNECTOR.info.goal("call")
    preset = kind.preset(case["preset"]).settings if "preset" in case else {}
    goal = Goal(1, 1, "call", "Call", True, 3, [], {**preset, **case["settings"]})
    assert check_connection(CONNECTOR, CONNECTION) == check_goal(CONNECTOR, goal) == []
    person = case["person"]
    identifiers = {one: [value] for one, value in person.get("identifiers", {}).items()}
    subject = Subject(7, identifiers, person.get("traits", {}), AT, AT)
    event = None
    if "event" in case:
        event = Happening(
            "Order Completed", "", "m1", AT, AT, msgspec.Raw(msgspec.json.encode(case["event"]))
        )
    destination = CONNECTOR.open(CONNECTION)
    moment = Moment(goal.settings["when"], AT, "delivery-1", 3, event)
    found = destination.moment_writer(goal).write(subject, moment, AT)
    if "filtered" in case:
        assert isinstance(found, Outcome)
        assert found.code == case["filtered"]
    elif "refused" in case:
        assert isinstance(found, Refusal)
        assert [found.code, found.field] == case["refused"]
    else:
        assert_request(destination.show(found), case["request"])


def assert_request(shown, expected):
    assert (shown.method, shown.url, shown.headers) == (
        expected["method"],
        expected["url"],
        expected["headers"],
    )
    if "json" in expected:
        assert json.loads(shown.body) == expected["json"]
    else:
        assert shown.body == expected["body"]


def test_every_preset_has_a_case():
    assert {case.get("preset") for case in CASES} >= {one.name for one in CONNECTOR.info.goal("call").presets}
