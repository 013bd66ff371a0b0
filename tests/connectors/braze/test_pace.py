"""The limits that a contract sets are kept: Braze need not refuse."""

import pytest

from onefold.activate.pace import Pace
from onefold.clock import SECOND
from onefold.connectors.braze import connector
from onefold.connectors.braze.client import TRACK, track_limits
from onefold.model.connection import Connection
from onefold.plugin import RateLimit


@pytest.mark.parametrize(
    ("settings", "limits"),
    [
        ({}, (RateLimit(3_000, 3.0),)),
        ({"track_requests_per_3s": 500}, (RateLimit(500, 3.0),)),
        ({"contract": "mau"}, ()),
        (
            {"contract": "mau", "track_requests_per_3s": 100, "track_requests_per_hour": 9_000},
            (RateLimit(100, 3.0), RateLimit(9_000, 3_600.0)),
        ),
        ({"track_requests_per_minute": 50_000}, (RateLimit(3_000, 3.0), RateLimit(50_000, 60.0))),
    ],
)
def test_limits_are_those_of_the_contract_unless_told(settings, limits):
    assert track_limits(settings) == limits


async def test_the_channels_carry_them():
    destination = connector.open(
        Connection(
            1,
            "B",
            "braze",
            settings={"endpoint": "http://127.0.0.1:9", "track_requests_per_minute": 7},
            secrets={"api_key": "k"},
        )
    )
    assert RateLimit(7, 60.0) in destination.channels[TRACK].limits
    await destination.close()


async def test_requests_leave_no_faster_than_allowed_and_all_arrive(world, sandbox, monkeypatch):
    # By the clock that keeps the pace: on the way to another process requests draw nearer to each other.
    left, note = [], Pace.note

    def keep(pace, channel, now):
        left.append((channel, now))
        note(pace, channel, now)

    monkeypatch.setattr(Pace, "note", keep)
    connection = world.directory.connected[0]
    connection.settings["track_requests_per_3s"] = 2
    world.export("plan")
    for number in range(1, 301):
        world.person(number, user_id=f"u{number}", plan="gold")
    world.commit(*range(1, 301))
    await world.deliver_all()
    assert sandbox.user("u300")["custom_attributes"] == {"plan": "gold"}
    sent = [now for channel, now in left if channel == TRACK]
    assert len(sent) >= 4
    assert len(sent) == sum(entry["path"] == "/users/track" for entry in sandbox.journal())
    for first, third in zip(sent, sent[2:], strict=False):
        assert third - first >= 3 * SECOND
