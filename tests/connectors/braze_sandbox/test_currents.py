"""Engagement events: Avro files in a bucket, batches to a server, and everything the contract warns of."""

from __future__ import annotations

import io
import json
import re
import time
from typing import Any

import fastavro
import pytest

from onefold.testing.s3_server import READABLE_BUCKET, S3Server
from onefold.testing.sandbox import BrazeSandbox

JsonObject = dict[str, Any]
WAIT_S = 30.0
AT = "2026-06-01T10:30:00Z"


def wait_for(braze: BrazeSandbox, **expected: object) -> JsonObject:
    """Ask until the counts are as expected; each question is a round trip."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        shown: JsonObject = braze.control("GET", "currents")
        if all(shown[name] == value for name, value in expected.items()):
            return shown
    raise AssertionError(f"{shown}, expected {expected}")


def to_bucket(braze: BrazeSandbox, server: S3Server, prefix: str, **changes: object) -> None:
    """Let the storage connector write under a prefix."""
    s3 = {
        "bucket": READABLE_BUCKET,
        "access_key_id": server.admin.access_key_id,
        "secret_access_key": server.admin.secret_access_key,
        "endpoint_url": server.url,
    }
    braze.change_settings(s3=s3, currents={"kind": "bucket", "prefix": prefix, **changes})


def records(server: S3Server, prefix: str) -> dict[str, list[JsonObject]]:
    """Return the records of each file by key."""
    client = server.client()
    listed = client.list_objects_v2(Bucket=READABLE_BUCKET, Prefix=prefix + "/").get("Contents", [])
    bodies = {
        item["Key"]: client.get_object(Bucket=READABLE_BUCKET, Key=item["Key"])["Body"].read()
        for item in listed
    }
    assert all(body.startswith(b"Obj\x01") for body in bodies.values())
    return {key: list(fastavro.reader(io.BytesIO(body))) for key, body in bodies.items()}


def buy(braze: BrazeSandbox) -> None:
    """One person views and buys."""
    braze.track(
        attributes=[{"external_id": "u1", "email": "a@x.de", "time_zone": "Europe/Berlin"}],
        events=[{"external_id": "u1", "name": "Viewed", "time": "2026-06-01", "properties": {"a": 1}}],
        purchases=[
            {
                "external_id": "u1",
                "product_id": "p",
                "currency": "EUR",
                "price": 219.98,
                "time": "2026-06-01",
            }
        ],
    )


def test_files_have_the_documented_layout_and_schema(braze: BrazeSandbox, bucket_server: S3Server) -> None:
    braze.set_clock(at=AT)
    to_bucket(braze, bucket_server, "layout")
    buy(braze)
    braze.flush()
    wait_for(braze, delivered=2, files=2, waiting=0)
    files = records(bucket_server, "layout")
    form = (
        r"layout/dataexport\.prod-01\.S3\.integration\.[0-9a-f]{24}/event_type=users\.behaviors\.\w+"
        r"/date=2026-06-01-10/version=10/us-01/dataexport\.prod-01\.S3\.integration\.[0-9a-f]{24}\+0\+\w+\.avro"
    )
    assert all(re.fullmatch(form, key) for key in files)
    by_type = {key.split("event_type=")[1].split("/")[0]: rows for key, rows in files.items()}
    (event,) = by_type["users.behaviors.CustomEvent"]
    (purchase,) = by_type["users.behaviors.Purchase"]
    assert (event["name"], json.loads(event["properties"]), event["timezone"]) == (
        "Viewed",
        {"a": 1},
        "Europe/Berlin",
    )
    # Seconds, in the past where the event was; prices are 32 bits wide.
    assert event["time"] == 1_780_272_000
    assert purchase["price"] != 219.98
    assert round(purchase["price"], 2) == 219.98
    assert event["external_user_id"] == "u1"
    assert event["user_id"] == (braze.user("u1") or {})["braze_id"]


def test_sends_and_what_devices_tell(braze: BrazeSandbox, listener: Any) -> None:
    braze.set_clock(at=AT)
    types = ["users.messages.email.Send", "users.messages.email.Open"]
    braze.change_settings(
        currents={"kind": "http", "url": listener.url, "token": "dG9rZW4=", "event_types": types}
    )
    braze.control("POST", "campaigns", {"id": "c1", "name": "Welcome"})
    buy(braze)
    body = {"campaign_id": "c1", "recipients": [{"external_user_id": "u1"}]}
    dispatch_id = braze.call("/campaigns/trigger/send", body).payload["dispatch_id"]
    braze.flush()
    wait_for(braze, delivered=1)
    opened = {"email_address": "a@x.de", "machine_open": "true", "campaign_id": "c1"}
    braze.control(
        "POST", "currents", {"event_type": types[1], "external_id": "u1", "fields": opened, "time": AT}
    )
    braze.flush()
    wait_for(braze, delivered=2)
    sent, seen = (body["events"][0] for body in listener.bodies)
    assert sent == {
        "event_type": "users.messages.email.Send",
        "id": sent["id"],
        "time": 1_780_309_800,
        "user": {
            "user_id": (braze.user("u1") or {})["braze_id"],
            "external_user_id": "u1",
            "timezone": "Europe/Berlin",
        },
        "properties": {
            "campaign_id": "c1",
            "campaign_name": "Welcome",
            "dispatch_id": dispatch_id,
            "email_address": "a@x.de",
        },
    }
    assert seen["properties"]["machine_open"] == "true"
    assert listener.headers[0]["authorization"] == "Bearer dG9rZW4="
    assert listener.headers[0]["braze-currents-version"] == "1"


def test_pushed_events_have_their_properties_as_objects(braze: BrazeSandbox, listener: Any) -> None:
    braze.change_settings(currents={"kind": "http", "url": listener.url})
    buy(braze)
    braze.flush()
    wait_for(braze, delivered=2)
    event, purchase = listener.bodies[0]["events"]
    assert event["properties"] == {"name": "Viewed", "custom_properties": {"a": 1}}
    assert purchase["properties"]["purchase_properties"] == {}


def push(braze: BrazeSandbox, listener: Any, count: int, statuses: list[int]) -> list[int]:
    """Emit some events to a server with these answers; returns the sizes of the batches."""
    braze.change_settings(currents={"kind": "http", "url": listener.url})
    listener.statuses = statuses
    events = [{"external_id": "u1", "name": f"e{n}", "time": "2026-06-01"} for n in range(count)]
    for start in range(0, count, 75):
        braze.track(events=events[start : start + 75])
    braze.flush()
    return [len(body["events"]) for body in listener.bodies]


def test_batches_of_a_hundred(braze: BrazeSandbox, listener: Any) -> None:
    push(braze, listener, 150, [])
    wait_for(braze, delivered=150)
    assert [len(body["events"]) for body in listener.bodies] == [100, 50]


@pytest.mark.parametrize(
    ("statuses", "sizes", "counts"),
    [
        ([503, 429, 200], [3, 3, 3], {"delivered": 3, "dropped": 0}),
        ([400, 200, 400, 200], [3, 1, 1, 1], {"delivered": 2, "dropped": 1}),
        ([413, 200, 200], [3, 1, 2], {"delivered": 3, "dropped": 0}),
        ([401], [3], {"is_paused": True, "waiting": 3, "delivered": 0}),
    ],
)
def test_answers_are_obeyed(
    braze: BrazeSandbox, listener: Any, statuses: list[int], sizes: list[int], counts: JsonObject
) -> None:
    push(braze, listener, 3, statuses)
    wait_for(braze, **counts)
    assert [len(body["events"]) for body in listener.bodies] == sizes


def test_what_a_server_did_not_take_comes_with_the_next_delivery(braze: BrazeSandbox, listener: Any) -> None:
    push(braze, listener, 1, [503] * 6)
    wait_for(braze, error="the server answered 503", waiting=1)
    braze.track(events=[{"external_id": "u1", "name": "later", "time": "2026-06-01"}])
    while braze.control("GET", "currents")["delivered"] != 2:
        braze.flush()
    sizes = [len(body["events"]) for body in listener.bodies]
    assert sizes == [1] * 6 + [2]


def test_other_settings_resume_a_paused_connector(braze: BrazeSandbox, listener: Any) -> None:
    push(braze, listener, 1, [401])
    wait_for(braze, is_paused=True)
    braze.change_settings(currents={"kind": "http", "url": listener.url, "token": "bmV3"})
    braze.flush()
    wait_for(braze, delivered=1, is_paused=False)
    assert listener.headers[-1]["authorization"] == "Bearer bmV3"


def test_duplicates_and_added_fields_on_demand(braze: BrazeSandbox, bucket_server: S3Server) -> None:
    to_bucket(braze, bucket_server, "twice", event_types=["users.behaviors.CustomEvent"])
    braze.add_fault("currents_duplicate", next=1)
    braze.add_fault("currents_added_field", next=1)
    buy(braze)
    braze.flush()
    wait_for(braze, delivered=1)
    rows = [row for rows in records(bucket_server, "twice").values() for row in rows]
    assert len(rows) == 2
    assert len({row["id"] for row in rows}) == 1
    assert all("added_by_a_later_version" in row for row in rows)


def test_test_events_are_full_of_placeholders(braze: BrazeSandbox, listener: Any) -> None:
    braze.change_settings(currents={"kind": "http", "url": listener.url})
    braze.control("POST", "currents/test", {"count": 5})
    braze.flush()
    wait_for(braze, delivered=5)
    (body,) = listener.bodies
    assert all(re.fullmatch(r"[0-9a-f-]{36}", event["user"]["timezone"]) for event in body["events"])


def test_unknown_types_and_fields_are_refused(braze: BrazeSandbox, listener: Any) -> None:
    braze.change_settings(currents={"kind": "http", "url": listener.url})
    buy(braze)
    braze.flush()
    for wanted in ({"event_type": "users.x"}, {"event_type": "users.canvas.Entry", "fields": {"a": 1}}):
        with pytest.raises(RuntimeError, match="400"):
            braze.control("POST", "currents", {"external_id": "u1", **wanted})
