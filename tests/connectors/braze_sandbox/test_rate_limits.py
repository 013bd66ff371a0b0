"""Fixed windows of the clock for each group of endpoints, and headers in both styles."""

from __future__ import annotations

import pytest

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
    [("/users/track", "3000"), ("/users/identify", "20000"), ("/users/export/ids", "250")],
)
def test_limits_of_a_new_customer(braze: BrazeSandbox, path: str, limit: str) -> None:
    braze.change_settings(rate_profile="burst")
    assert braze.call(path, {}).headers["x-ratelimit-limit"] == limit
