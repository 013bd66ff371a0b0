"""What is pointed out, and that nothing is when all is well."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from onefold.clock import HOUR, MINUTE, SECOND
from onefold.log.settings import LogSettings
from onefold.model.delivery import ConnectionState
from onefold.model.outcome import Kind
from onefold.observe.attention import find_attention
from onefold.observe.flow import build_flow
from onefold.observe.health import build_readiness
from onefold.observe.look import BUSY_MINUTES, QUIET_MINUTES, Look
from onefold.observe.store import Config, ConnectionName, DeliveryLook, LogLook, MinuteCount


class Role(msgspec.Struct):
    role: str
    status: str
    since: int = 1


@pytest.fixture
def change(site: Any) -> Callable[..., Look]:
    """The look of a healthy workspace with something changed."""
    site.fold()
    return lambda **changes: msgspec.structs.replace(site.look(), **changes)


def words(look: Look, settings: LogSettings | None = None) -> list[tuple[str, str]]:
    found = find_attention(look, settings or LogSettings(disk_free_bytes_min=0))
    assert all(one.hint for one in found)
    return [(one.level, one.message) for one in found]


def test_nothing_stands_out_when_all_is_well(change: Callable[..., Look]) -> None:
    look = change(roles=[Role("web", "running"), Role("worker", "running")])
    assert words(look) == []
    assert build_flow(look, LogSettings(disk_free_bytes_min=0)).status == "ok"


def test_a_role_that_is_down_is_an_error(change: Callable[..., Look]) -> None:
    look = change(roles=[Role("worker", "down"), Role("web", "running")])
    assert words(look) == [("error", "The role worker is down. Events are kept but not unified.")]
    assert build_flow(look, LogSettings(disk_free_bytes_min=0)).status == "down"


@pytest.mark.parametrize(
    ("state", "code", "level"),
    [
        ("paused", "activate.braze.credentials", "error"),
        ("waiting", "activate.failing", "warning"),
        ("failed", "activate.connector_failed", "error"),
        ("limited", "activate.braze.permission", "warning"),
        ("limited", "activate.budget_spent", "warning"),
    ],
)
def test_a_connection_that_does_not_deliver_says_why(
    change: Callable[..., Look], state: str, code: str, level: str
) -> None:
    states = {1: ConnectionState(1, state, code, "Because.", "Do this.")}
    config = Config(connections=[ConnectionName(1, "Braze EU", "braze", enabled=True)])
    look = change(config=config, delivery=DeliveryLook(states=states))
    assert [(one, "Because." in text) for one, text in words(look)] == [(level, True)]
    shown = build_flow(look, LogSettings()).connections[0]
    assert (shown.status, shown.message) == (state.replace("waiting", "failing"), "Because.")


def test_a_budget_that_is_nearly_spent_is_told_of_a_connection_that_is_well(
    change: Callable[..., Look],
) -> None:
    states = {1: ConnectionState(1, "running", "activate.budget_warned", "80 %.", "See where it went.")}
    config = Config(connections=[ConnectionName(1, "Braze EU", "braze", enabled=True)])
    look = change(config=config, delivery=DeliveryLook(states=states))
    assert [(one, "80 %." in text) for one, text in words(look)] == [("warning", True)]
    assert build_flow(look, LogSettings()).connections[0].status == "ok"


def test_a_destination_that_asks_to_slow_down_is_well(change: Callable[..., Look]) -> None:
    states = {1: ConnectionState(1, "waiting", "activate.http.throttled", "Slow down.", "Nothing to do.")}
    config = Config(connections=[ConnectionName(1, "Braze EU", "braze", enabled=True)])
    look = change(config=config, delivery=DeliveryLook(states=states))
    assert words(look) == []
    assert build_flow(look, LogSettings()).connections[0].status == "ok"


@pytest.mark.parametrize(("seconds", "level"), [(5, None), (15, "warning"), (300, "error")])
def test_a_worker_that_falls_behind_is_told(
    site: Any, change: Callable[..., Look], seconds: int, level: str | None
) -> None:
    look = change(log=LogLook(waiting_since=site.now - seconds * SECOND, waiting_events=7))
    assert [one for one, _ in words(look)] == ([level] if level else [])


@pytest.mark.parametrize(("step", "told"), [(3 * HOUR, "forward by 3 h"), (-90 * MINUTE, "back by 90 min")])
def test_a_clock_that_was_set_is_told(change: Callable[..., Look], step: int, told: str) -> None:
    ((level, text),) = words(change(clock_step=step))
    assert level == "error"
    assert told in text


@pytest.mark.parametrize(("minutes", "is_told"), [(2, False), (3, True)])
def test_records_from_the_future_are_told(site: Any, minutes: int, is_told: bool) -> None:
    site.wait(minutes)
    site.capture({"messageId": "1"})
    site.fold()
    site.wait(-minutes)
    found = find_attention(site.look(), LogSettings(disk_free_bytes_min=0))
    assert [one.code for one in found] == (["observe.clock_ahead"] if is_told else [])
    if is_told:
        assert "2026-03-15T10:33:00.000Z, 3 min from now" in found[0].message


def test_fresh_rejections_are_told_with_the_commonest_code(site: Any, change: Callable[..., Look]) -> None:
    minute = site.now // MINUTE
    recent = [
        MinuteCount(minute, "capture", "1", Kind.REJECTED, "capture.too_deep", 3),
        MinuteCount(minute - 1, "capture", "1", Kind.REJECTED, "capture.bad", 1),
        MinuteCount(minute - 60, "unify", "1", Kind.REJECTED, "unify.too_deep", 9),
    ]
    ((level, text),) = words(change(recent=recent))
    assert level == "warning"
    assert "4 items were rejected at capture" in text
    assert "capture.too_deep" in text


@pytest.mark.parametrize(("used", "level"), [(899, None), (900, "warning"), (1000, "error")])
def test_a_log_near_its_limit_is_told(change: Callable[..., Look], used: int, level: str | None) -> None:
    look = change(log=LogLook(used_bytes=used))
    settings = LogSettings(bytes_max=1000, disk_free_bytes_min=0)
    assert [one for one, _ in words(look, settings)] == ([level] if level else [])


@pytest.mark.parametrize(("free", "level"), [(3000, None), (1500, "warning"), (500, "error")])
def test_a_disk_that_fills_up_is_told(change: Callable[..., Look], free: int, level: str | None) -> None:
    look = change(log=LogLook(disk_free_bytes=free))
    settings = LogSettings(disk_free_bytes_min=1000)
    assert [one for one, _ in words(look, settings)] == ([level] if level else [])


def test_a_busy_source_that_fell_silent_is_told(site: Any) -> None:
    site.sources.create("web", site.now)
    for minute in range(BUSY_MINUTES + 5):
        site.capture({"messageId": f"{minute}"})
        site.wait()
    site.fold()
    assert site.look().quiet_sources == []
    site.wait(QUIET_MINUTES)
    assert site.look().quiet_sources == [1]
    assert any("Source web" in text for _, text in words(site.look()))


def test_a_source_that_sends_now_and_then_is_not_told(site: Any) -> None:
    site.sources.create("web", site.now)
    for minute in range(0, BUSY_MINUTES, 5):
        site.capture({"messageId": f"{minute}"})
        site.wait(5)
    site.wait(QUIET_MINUTES)
    assert site.look().quiet_sources == []


def test_ready_means_roles_run_and_the_log_can_be_written(site: Any) -> None:
    settings = LogSettings(disk_free_bytes_min=1000)
    running, down = [Role("web", "running")], [Role("web", "running"), Role("worker", "starting")]
    assert build_readiness(site.observer.probe, lambda: running, settings).ready
    found = build_readiness(site.observer.probe, lambda: down, settings)
    assert found.reasons == ["The role worker is starting."]
    full = LogLook(disk_free_bytes=10)
    assert len(build_readiness(lambda: full, lambda: running, settings).reasons) == 1
