"""Fixed windows of the clock for each group of endpoints, and headers in both styles."""

from __future__ import annotations

import pytest

from onefold.sandbox.braze.endpoints import ENDPOINTS
from onefold.testing.sandbox import BrazeSandbox

OBJECT = {"attributes": [{"external_id": "u1"}]}
# 2026-06-01T00:00:00Z, the start of an hour, a minute and a three-second window.
START = 1_780_272_000
THREE = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


def test_burst_window_resets_on_the_clock(braze: BrazeSandbox) -> None:
    braze.change_settings(rate_profile="burst", track_burst_limit=2)
    braze.set_clock(at="2026-06-01T00:00:02.5Z")
    seen = [braze.call("/users/track", OBJECT) for _ in range(3)]
    assert [reply.status for reply in seen] == [201, 201, 429]
    assert [[reply.headers[name] for name in THREE] for reply in seen] == [
        ["2", "1", str(START + 3)],
        ["2", "0", str(START + 3)],
        ["2", "0", str(START + 3)],
    ]
    assert seen[2].payload["message"]
    assert braze.call("/segments/list", method="GET").status == 200
    braze.set_clock(advance_s=0.5)
    assert braze.call("/users/track", OBJECT).status == 201


def test_minute_profile(braze: BrazeSandbox) -> None:
    braze.change_settings(rate_profile="minute")
    braze.set_clock(at="2026-06-01T00:00:59Z")
    reply = braze.call("/users/track", OBJECT)
    assert [reply.headers[name] for name in THREE] == ["50000", "49999", str(START + 60)]


def test_mau_profile_counts_down_and_refuses_with_retry_after_only(braze: BrazeSandbox) -> None:
    braze.change_settings(rate_profile="mau", mau_hour_limit=100, track_burst_limit=1)
    braze.set_clock(at="2026-06-01T00:00:01Z")
    first = braze.call("/users/track", OBJECT)
    assert [first.headers[name] for name in THREE] == ["100", "99", "3599"]
    second = braze.call("/users/track", OBJECT)
    assert second.status == 429
    assert not set(THREE) & second.headers.keys()
    assert second.headers["x-ratelimit-retry-after"] == "2"
    other = braze.call("/segments/list", method="GET")
    assert other.headers["x-ratelimit-reset"] == str(START + 3_600)


def test_mau_hour_runs_out(braze: BrazeSandbox) -> None:
    braze.change_settings(rate_profile="mau", mau_hour_limit=1)
    braze.set_clock(at="2026-06-01T00:30:00Z")
    braze.call("/users/track", OBJECT)
    assert braze.call("/users/track", OBJECT).headers["x-ratelimit-retry-after"] == "1800"


def test_identity_endpoints_share_one_pool(braze: BrazeSandbox) -> None:
    braze.change_settings(rate_profile="burst", identity_minute_limit=2, export_minute_limit=1)
    braze.set_clock(at="2026-06-01T00:00:00Z")
    assert braze.call("/users/identify", {}).status == 400
    assert braze.call("/users/alias/new", {}).status == 400
    assert braze.call("/users/delete", {}).status == 429
    assert braze.call("/users/export/ids", {}).status == 400
    assert braze.call("/users/export/ids", {}).status == 429


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("POST /users/track", "3000"),
        ("POST /users/track/bulk", "50"),
        ("POST /users/track/sync", "500"),
        ("POST /users/identify", "20000"),
        ("POST /users/alias/update", "20000"),
        ("POST /users/merge", "20000"),
        ("POST /users/external_ids/rename", "1000"),
        ("POST /users/external_ids/remove", "1000"),
        ("POST /users/export/ids", "250"),
        ("POST /users/export/segment", "250000"),
        ("POST /subscription/status/set", "5000"),
        ("POST /v2/subscription/status/set", "5000"),
        ("GET /custom_attributes", "1000"),
        ("GET /events/list", "1000"),
        ("POST /campaigns/trigger/send", "250000"),
        ("POST /sends/id/create", "100"),
        ("POST /catalogs", "50"),
        ("POST /catalogs/a/items", "16000"),
        ("POST /catalogs/a/items/b", "50"),
        ("POST /catalogs/a/fields", "50"),
    ],
)
def test_limits_of_a_new_customer(braze: BrazeSandbox, path: str, limit: str) -> None:
    braze.change_settings(rate_profile="burst")
    method, _, url = path.partition(" ")
    assert braze.call(url, {}, method).headers["x-ratelimit-limit"] == limit


def test_names_share_one_hourly_limit(braze: BrazeSandbox) -> None:
    braze.change_settings(rate_profile="burst", group_limits={"discovery": 2})
    braze.set_clock(at="2026-06-01T00:30:00Z")
    paths = ("/custom_attributes", "/events/list", "/purchases/product_list")
    replies = [braze.call(path, method="GET") for path in paths]
    assert [reply.status for reply in replies] == [200, 200, 429]
    assert replies[2].headers["x-ratelimit-reset"] == str(START + 3_600)


@pytest.mark.parametrize("profile", ["burst", "minute", "mau"])
def test_only_track_counts_down_in_any_profile(braze: BrazeSandbox, profile: str) -> None:
    braze.change_settings(rate_profile=profile)
    braze.set_clock(at="2026-06-01T00:00:00Z")
    for method, path in sorted(ENDPOINTS):
        reply = braze.call(path.replace("{", "").replace("}", ""), {}, method)
        is_delta = int(reply.headers["x-ratelimit-reset"]) < 1_000_000_000
        assert is_delta is (profile == "mau" and path == "/users/track"), path
