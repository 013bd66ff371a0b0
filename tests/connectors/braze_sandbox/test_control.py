"""Looking inside: totals, people, data points, journal, page, settings, bounds."""

from __future__ import annotations

import json
from typing import cast

import pytest

from onefold.testing.sandbox import BrazeSandbox

AT = "2026-01-02T03:04:05Z"


def test_data_points_by_request_day_field_and_person(braze: BrazeSandbox) -> None:
    braze.set_clock(at="2026-06-01T23:59:59Z")
    braze.track(
        attributes=[
            {
                "external_id": "u1",
                "first_name": "Ann",
                "email": "a@b.de",
                "email_subscribe": "opted_in",
                "plan": "gold",
                "gone": None,
            }
        ],
        events=[{"external_id": "u1", "name": "Viewed", "time": AT}],
        purchases=[
            {"external_id": "u1", "product_id": "p", "currency": "USD", "price": 1, "quantity": 3, "time": AT}
        ],
    )
    braze.flush()
    braze.set_clock(advance_s=1)
    braze.track(attributes=[{"external_id": "u1", "plan": "gold"}])
    braze.flush()
    points = cast(dict[str, object], braze.stats()["data_points"])
    assert points == {
        "total": 9,
        "by_day": {"2026-06-01": 8, "2026-06-02": 1},
        "by_field": {
            "email": 1,
            "first_name": 1,
            "plan": 2,
            "gone": 1,
            "event:Viewed": 1,
            "purchases": 3,
        },
    }
    assert [entry["data_points"] for entry in braze.journal()] == [8, 1]
    assert (braze.user("u1") or {})["data_points"] == 9
    assert braze.stats()["monthly_active_users"] == {"202606": 1}


def test_nothing_is_billed_for_nobody(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"external_id": "u1", "_update_existing_only": True, "plan": "gold"}])
    braze.flush()
    assert cast(dict[str, object], braze.stats()["data_points"])["total"] == 0


def test_totals(braze: BrazeSandbox) -> None:
    event = {"external_id": "u1", "name": "Viewed", "time": AT}
    braze.track(events=[event, event, {}])
    braze.call("/users/nowhere", {})
    braze.call("/users/track", {}, key="wrong")
    braze.flush()
    stats = braze.stats()
    assert {
        name: stats[name]
        for name in ("users", "requests", "objects", "objects_refused", "events", "by_endpoint")
    } == {
        "users": 1,
        "requests": 3,
        "objects": 2,
        "objects_refused": 1,
        "events": 2,
        "by_endpoint": {"POST /users/track": 2, "(other)": 1},
    }
    assert stats["by_status"] == {"201": 1, "404": 1, "401": 1}


def test_users_by_page_and_search(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"external_id": f"u{n:02d}", "email": f"p{n}@shop.example"} for n in range(30)])
    braze.flush()
    assert [row["external_id"] for row in braze.users(limit=7)] == [f"u{n:02d}" for n in range(30)]
    assert [row["external_id"] for row in braze.users(search="p29@")] == ["u29"]
    assert [row["external_id"] for row in braze.users(search="u0")] == [f"u{n:02d}" for n in range(10)]


def test_user_ids_may_hold_any_character(braze: BrazeSandbox) -> None:
    key = "a/b c?d#é%"
    braze.track(attributes=[{"external_id": key}])
    braze.flush()
    assert (braze.user(key) or {})["external_id"] == key


def test_raw_events_are_bounded_and_totals_exact(braze: BrazeSandbox) -> None:
    braze.change_settings(raw_events_per_user_max=5)
    for n in range(3):
        braze.track(
            events=[
                {"external_id": "u1", "name": "x", "time": AT, "properties": {"n": 4 * n + m}}
                for m in range(4)
            ]
        )
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    assert [raw["properties"]["n"] for raw in cast(list[dict[str, dict[str, int]]], user["event_log"])] == [
        7,
        8,
        9,
        10,
        11,
    ]
    assert user["events"] == 12


def test_journal_holds_bodies_and_answers_but_no_key(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"external_id": "u1"}])
    braze.send("POST", "/users/track", b"\xff", {"Authorization": "Bearer sandbox-key"})
    good, bad = braze.journal()
    assert (good["body"], good["answer"]) == (
        {"attributes": [{"external_id": "u1"}]},
        {"message": "success", "attributes_processed": 1},
    )
    assert (bad["status"], bad["body"]) == (415, "\ufffd")
    assert "sandbox-key" not in json.dumps([good, bad])
    assert [entry["id"] for entry in braze.journal(after=cast(int, good["id"]))] == [bad["id"]]


def test_page_shows_numbers_people_and_requests_and_escapes(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"external_id": "<script>alert(1)</script>", "plan": "gold"}])
    braze.flush()
    page = braze.send("GET", "/?user=%3Cscript%3Ealert(1)%3C/script%3E")
    text = cast(str, page.payload["text"])
    assert page.status == 200
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert all(
        words in text for words in ("Data points by field", "POST /users/track", "prefers-color-scheme")
    )


@pytest.mark.parametrize(
    "changes", [{"port": 1}, {"delay_ms": -1}, {"rate_profile": "fast"}, {"no_such": 1}, {"delay_ms": "x"}]
)
def test_bad_settings_are_refused(braze: BrazeSandbox, changes: dict[str, object]) -> None:
    with pytest.raises(RuntimeError, match="400"):
        braze.change_settings(**changes)


def test_settings_never_show_keys(braze: BrazeSandbox) -> None:
    shown = json.dumps(braze.control("GET", "settings"))
    assert "only track" in shown
    assert "sandbox-key" not in shown
    assert "only-track" not in shown


def test_control_refuses_wrong_keys_and_simple_requests(braze: BrazeSandbox) -> None:
    assert braze.send("GET", "/__sandbox/stats", headers={"Authorization": "Bearer no"}).status == 401
    good = {"Authorization": "Bearer sandbox-key"}
    assert braze.send("GET", "/__sandbox/stats", headers=good).status == 200
    assert braze.send("POST", "/__sandbox/reset", b"{}", {"Content-Type": "text/plain"}).status == 415
    assert braze.send("GET", "/__sandbox/nothing").status == 404


def test_page_shows_segments_exports_and_sends_and_escapes(braze: BrazeSandbox) -> None:
    segment_id = braze.add_segment("<Gold>", filter={"attribute": "plan", "equals": "<gold>"})
    braze.control("POST", "campaigns", {"id": "c1", "name": "<Hello>"})
    braze.track(attributes=[{"external_id": "u1"}])
    body = {"segment_id": segment_id, "fields_to_export": ["email"]}
    assert braze.call("/users/export/segment", body).status == 201
    braze.call("/campaigns/trigger/send", {"campaign_id": "c1", "recipients": [{"external_user_id": "u1"}]})
    braze.flush()
    page = str(braze.send("GET", "/").payload["text"])
    for text in ("&lt;Gold&gt;", "plan equals &lt;gold&gt;", "&lt;Hello&gt;", segment_id):
        assert text in page
    assert "<Gold>" not in page
    assert len(braze.sends()) == 1
    assert [export["segment_id"] for export in braze.exports()] == [segment_id]


def test_people_by_the_thousand_keep_who_exists(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"external_id": "p-2", "n": "mine"}])
    braze.flush()
    custom = {"n": "{n}", "score": 1.5, "on": True, "tags": ["a"], "cars": [{"id": 1}], "home": {"a": 1}}
    braze.add_people(3, prefix="p-", custom=custom, standard={"email": "P{n}@x.de", "country": "DE"})
    assert braze.stats()["users"] == 3
    assert (braze.user("p-2") or {})["custom_attributes"] == {"n": "mine"}
    third = braze.user("p-3") or {}
    assert (third["email"], third["custom_attributes"]) == ("p3@x.de", {**custom, "n": "3"})
    kinds = {"n": "string", "score": "number", "on": "boolean", "tags": "array"}
    assert braze.stats()["attribute_types"] == {**kinds, "cars": "object_array", "home": "object"}
    assert braze.stats()["data_points"] == {
        "total": 1,
        "by_day": braze.stats()["data_points"]["by_day"],  # type: ignore[index]
        "by_field": {"n": 1},
    }


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("segments", {}),
        ("segments", {"name": "x", "external_ids": [], "filter": {"event": "e"}}),
        ("segments", {"name": "x", "filter": {}}),
        ("segments", {"name": "x", "filter": {"event": "e", "attribute": "a"}}),
        ("people", {"count": 0}),
        ("people", {"count": 100_001}),
        ("campaigns", {"nam": "x"}),
        ("canvases", {}),
        ("bounces", {"reason": "bored"}),
        ("currents", {"event_type": "users.canvas.Entry", "external_id": "nobody"}),
    ],
)
def test_bad_definitions_are_refused(braze: BrazeSandbox, name: str, body: dict[str, object]) -> None:
    with pytest.raises(RuntimeError, match="400"):
        braze.control("POST", name, body)


def test_removing_an_unknown_segment_is_refused(braze: BrazeSandbox) -> None:
    with pytest.raises(RuntimeError, match="400"):
        braze.control("DELETE", "segments?id=none")
