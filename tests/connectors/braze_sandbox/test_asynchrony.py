"""Answers come first, effects later: delay, order, reordering."""

from __future__ import annotations

from typing import cast

from onefold.testing.sandbox import BrazeSandbox

AT = "2026-01-02T03:04:05Z"


def test_effects_wait_for_the_delay(braze: BrazeSandbox) -> None:
    braze.set_clock(at="2026-06-01T00:00:00Z")
    braze.change_settings(delay_ms=100, jitter_ms=0)
    braze.track(attributes=[{"external_id": "u1"}])
    braze.set_clock(advance_s=0.09)
    assert braze.user("u1") is None
    assert braze.stats()["pending_requests"] == 1
    braze.set_clock(advance_s=0.011)
    assert braze.user("u1") is not None
    assert braze.stats()["pending_requests"] == 0


def test_effects_come_by_themselves(braze: BrazeSandbox) -> None:
    braze.change_settings(delay_ms=5, jitter_ms=5)
    braze.track(attributes=[{"external_id": "u1"}])
    # Each call is a round trip of its own: this waits for the condition, up to the test's time limit.
    while braze.user("u1") is None:
        pass
    assert braze.stats()["pending_requests"] == 0


def test_inside_a_request_attributes_come_first(braze: BrazeSandbox) -> None:
    alias = {"user_alias": {"alias_name": "a", "alias_label": "l"}}
    braze.track(
        purchases=[{**alias, "product_id": "p", "currency": "USD", "price": 1, "time": AT}],
        events=[{**alias, "name": "x", "time": AT}],
        attributes=[{**alias, "_update_existing_only": False}],
    )
    braze.flush()
    row = next(braze.users())
    assert (row["events"], row["purchases"]) == (1, 1)


def final_values(braze: BrazeSandbox) -> list[object]:
    """Send 30 updates each to ten people and return what they end with."""
    for n in range(30):
        braze.track(attributes=[{"external_id": f"u{p}", "n": n} for p in range(10)])
    braze.flush()
    users = [braze.user(f"u{p}") or {} for p in range(10)]
    return [cast(dict[str, object], user["custom_attributes"])["n"] for user in users]


def test_requests_keep_their_order_unless_told_otherwise(braze: BrazeSandbox) -> None:
    braze.change_settings(delay_ms=60_000, jitter_ms=60_000)
    assert final_values(braze) == [29] * 10
    braze.change_settings(reorder=True)
    braze.reset()
    assert final_values(braze) != [29] * 10
