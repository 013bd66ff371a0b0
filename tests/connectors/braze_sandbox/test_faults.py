"""Failures on demand."""

from __future__ import annotations

import http.client
from concurrent.futures import ThreadPoolExecutor

import pytest

from onefold.testing.sandbox import BrazeSandbox

OBJECT = {"attributes": [{"external_id": "u1", "n": {"inc": 1}}]}


def count(braze: BrazeSandbox) -> object:
    """Apply all and return how often the object was applied."""
    braze.flush()
    return braze.stats()["attributes"]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize(("when", "applied"), [("before", 1), ("after", 2)])
def test_error_status_for_the_next_request(braze: BrazeSandbox, status: int, when: str, applied: int) -> None:
    braze.add_fault("status", status=status, next=1, when=when)
    assert braze.call("/users/track", OBJECT).status == status
    assert braze.call("/users/track", OBJECT).status == 201
    assert count(braze) == applied


@pytest.mark.parametrize(("when", "applied"), [("before", 1), ("after", 2)])
def test_connection_reset(braze: BrazeSandbox, when: str, applied: int) -> None:
    braze.add_fault("reset", next=1, when=when)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        braze.call("/users/track", OBJECT)
    assert braze.call("/users/track", OBJECT).status == 201
    assert count(braze) == applied
    assert [entry["fault"] for entry in braze.journal()] == [f"reset {when}", ""]


def test_success_that_is_none(braze: BrazeSandbox) -> None:
    braze.add_fault("message", next=1)
    reply = braze.call("/users/track", OBJECT)
    assert reply.status == 200
    assert reply.payload["message"] != "success"
    assert count(braze) == 0


def test_storm_of_429_in_both_styles(braze: BrazeSandbox) -> None:
    braze.set_clock(at="2026-06-01T00:00:00Z")
    braze.add_fault("throttle", retry_after_s=7, when="after")
    reply = braze.call("/users/track", OBJECT)
    assert (reply.status, reply.headers["x-ratelimit-remaining"]) == (429, "0")
    assert reply.headers["x-ratelimit-reset"] == str(1_780_272_007)
    braze.change_settings(rate_profile="mau")
    reply = braze.call("/users/track", OBJECT)
    assert (reply.status, reply.headers["x-ratelimit-retry-after"]) == (429, "7")
    assert "x-ratelimit-reset" not in reply.headers


def test_slow_answer_is_still_done(braze: BrazeSandbox) -> None:
    braze.add_fault("slow", delay_ms=20, next=1)
    assert braze.call("/users/track", OBJECT).status == 201
    assert count(braze) == 1


def test_slow_afterwards_holds_back_the_answer_alone(braze: BrazeSandbox) -> None:
    braze.add_fault("slow", delay_ms=2_000, when="after")
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(braze.call, "/users/track", OBJECT)
        while count(braze) == 0:
            assert not answer.done(), "the answer came before the work"
        assert not answer.done()
        assert answer.result().status == 201


def test_rate_is_seeded_and_path_is_respected(braze: BrazeSandbox) -> None:
    def statuses() -> list[int]:
        braze.reset()
        braze.add_fault("status", rate=0.5, path="/users/track")
        return [braze.call("/users/track", OBJECT).status for _ in range(40)]

    first = statuses()
    assert set(first) == {201, 503}
    assert statuses() == first
    assert {braze.call("/segments/list", method="GET").status for _ in range(10)} == {200}


def test_faults_are_listed_and_cleared(braze: BrazeSandbox) -> None:
    braze.add_fault("status", next=3)
    braze.call("/users/track", OBJECT)
    listed = braze.control("GET", "faults")
    assert listed["struck"] == 1
    assert [rule["next"] for rule in listed["faults"]] == [2]  # type: ignore[attr-defined]
    braze.clear_faults()
    assert braze.call("/users/track", OBJECT).status == 201


@pytest.mark.parametrize(
    "rule", [{"kind": "fire"}, {"kind": "status", "status": 200}, {"kind": "slow", "rate": 2}, {"rate": 1}]
)
def test_bad_rules_are_refused(braze: BrazeSandbox, rule: dict[str, object]) -> None:
    with pytest.raises(RuntimeError, match="400"):
        braze.control("POST", "faults", rule)
