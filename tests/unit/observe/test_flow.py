"""The flow of a real data directory, and of one that has nothing yet."""

from pathlib import Path
from typing import Any

import pytest

from onefold.activate.latency import bucket_of
from onefold.activate.store import Writes
from onefold.backends.embedded import looks
from onefold.backends.embedded.looks import EmbeddedLooks
from onefold.clock import MINUTE
from onefold.log.settings import LogSettings
from onefold.model.delivery import Item, Request
from onefold.model.outcome import Kind
from onefold.observe.balance import check_balance
from onefold.observe.flow import Flow, StageFlow, build_flow, build_history, percentile
from onefold.observe.look import Observer
from onefold.testing.books import check_books


def flow_of(site: Any) -> Flow:
    return build_flow(site.look(), LogSettings())


def stage(flow: Flow, name: str) -> StageFlow:
    return next(one for one in flow.stages if one.stage == name)


def test_every_stage_received_the_sum_of_its_outcomes(site: Any) -> None:
    site.capture({"messageId": "1"}, {"messageId": "2"})
    site.capture({"messageId": "1"})
    site.refuse("3")
    site.fold()
    flow = flow_of(site)
    assert [(one.stage, one.received, one.passed, one.filtered, one.rejected) for one in flow.stages] == [
        ("capture", 4, 3, 0, 1),
        ("unify", 3, 2, 1, 0),
        ("segment", 2, 2, 0, 0),
        ("activate", 0, 0, 0, 0),
    ]
    assert [(one.code, one.count) for one in stage(flow, "unify").reasons] == [("unify.duplicate", 1)]
    assert (flow.people.total, flow.people.known) == (1, 1)
    assert check_balance(site.look()) == []
    assert check_books(site.look(), site.directory) == []


def test_what_the_worker_has_not_folded_is_deferred_at_unify(site: Any) -> None:
    site.capture({"messageId": "1"})
    site.fold()
    site.capture({"messageId": "2"}, {"messageId": "3"})
    unify = stage(flow_of(site), "unify")
    assert (unify.received, unify.passed, unify.deferred) == (3, 1, 2)
    assert check_balance(site.look()) == []


def test_a_long_backlog_is_what_the_counters_leave(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    query = looks.BACKLOG.replace(str(looks.BACKLOG_RECORDS_MAX + 1), "3")
    monkeypatch.setattr(looks, "BACKLOG", query)
    monkeypatch.setattr(looks, "BACKLOG_RECORDS_MAX", 2)
    for number in range(5):
        site.capture({"messageId": f"{number}"})
    assert site.look().log.waiting_events is None
    assert stage(flow_of(site), "unify").deferred == 5


def test_totals_stay_right_over_minutes_and_restarts(site: Any) -> None:
    for number in range(12):
        site.capture({"messageId": f"{number}"})
        site.fold()
        site.wait()
        assert stage(flow_of(site), "segment").passed == number + 1
    fresh = Observer(EmbeddedLooks(site.directory), list, clock=site.clock)
    assert fresh.look().sums == site.look().sums


def test_balance_says_what_got_lost(site: Any) -> None:
    site.capture({"messageId": "1"})
    site.log.append([], counts=[])
    look = site.look()
    look.stages["capture"].by_kind[Kind.PASSED] += 1
    lost = "capture passed 2; unify received 0, and 1 wait"
    assert check_balance(look) == [lost]
    flow = build_flow(look, LogSettings(disk_free_bytes_min=0))
    assert (flow.status, flow.balance) == ("degraded", [lost])
    (told,) = flow.attention
    assert (told.code, told.message) == ("observe.unbalanced", f"The books do not balance: {lost}.")


def test_people_known_only_by_anonymous_ids_are_not_known(site: Any) -> None:
    site.capture({"userId": None, "anonymousId": "a"}, {"userId": "u"}, {"userId": None, "anonymousId": "b"})
    site.fold()
    people = flow_of(site).people
    assert (people.total, people.known) == (3, 1)


def test_delivery_shows_what_waits_and_how_long_items_took(site: Any) -> None:
    writes = Writes()
    item = Item("attributes", b"{}", 1, 1, 1, -1, site.now)
    writes.opened = [Request(1, 7, "track", [item, item])]
    writes.counts["7/1", Kind.PASSED, ""] = 40
    writes.counts["7/1", Kind.FILTERED, "activate.no_delta"] = 2
    writes.latencies["7/1", bucket_of(180_000)] = 98
    writes.latencies["7/1", bucket_of(900_000)] = 2
    site.delivery.apply([writes], site.now)
    flow = flow_of(site)
    activate = stage(flow, "activate")
    assert (activate.received, activate.deferred) == (44, 2)
    assert flow.latency_ms is not None
    assert 150 <= flow.latency_ms.p50 <= 220
    assert 750 <= flow.latency_ms.p99 <= 1100
    assert flow.latency_ms.count == 100


def test_latency_forgets_after_five_minutes(site: Any) -> None:
    writes = Writes()
    writes.latencies["7/1", 3] = 1
    site.delivery.apply([writes], site.now)
    site.wait(7)
    assert flow_of(site).latency_ms is None


def test_a_directory_without_files_flows_nothing(tmp_path: Path) -> None:
    observer = Observer(EmbeddedLooks(tmp_path), list)
    flow = build_flow(observer.look(), LogSettings())
    assert [one.received for one in flow.stages] == [0, 0, 0, 0]
    assert flow.status == "ok"


def test_history_has_every_minute_of_every_stage(site: Any) -> None:
    site.capture({"messageId": "1"}, {"messageId": "2"})
    site.fold()
    site.wait(2)
    last, counts = site.observer.history(3)
    history = build_history(last, 3, counts, is_new=False)
    assert [one.stages["capture"].received for one in history.minutes] == [0, 2, 0]
    assert history.minutes[1].stages["segment"].passed == 2
    assert history.minutes[-1].minute == "2026-03-15T10:31:00Z"
    assert (site.now // MINUTE - 1) == last


def test_history_of_a_new_workspace_is_empty() -> None:
    assert build_history(100, 60, [], is_new=True).minutes == []


def test_a_look_does_not_read_settled_minutes_again(site: Any) -> None:
    for number in range(8):
        site.capture({"messageId": f"{number}"})
        site.wait()
    site.look()
    seen = site.looks.look_at_log(site.observer._log.since, 0).counters
    assert len(seen.recent) <= looks.SETTLED_MINUTES + 1
    assert seen.settled == []


@pytest.mark.parametrize(("share", "longest"), [(0.5, 10.0), (0.9, 10.0), (0.91, 20.0), (1.0, 20.0)])
def test_percentile_is_the_bucket_under_which_the_share_stayed(share: float, longest: float) -> None:
    assert percentile({10.0: 90, 20.0: 10}, share) == longest
