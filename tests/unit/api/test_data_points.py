"""Data points of a connection by the API and by commands."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.activate.ledger import WAITS_IN, put_off_ledger
from onefold.activate.store import Writes
from onefold.backends.embedded.data_points import KEPT_DAYS
from onefold.backends.embedded.delivery import TRIM_EVERY, EmbeddedDelivery
from onefold.cli import main
from onefold.clock import DAY, now, to_iso
from onefold.runtime.client import open_client

PLAN = {"source": {"kind": "trait", "trait": "plan"}, "field": "plan"}
URL = "/api/v1/connections/Braze/data-points"


CONNECTION = {
    "name": "Braze",
    "connector": "braze",
    "settings": {"endpoint": "https://rest.fra-01.braze.eu"},
    "secrets": {"api_key": "secret"},
    "goals": [{"kind": "export", "name": "People", "enabled": False, "mappings": [PLAN]}],
}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        assert client.post("/api/v1/connections", json=CONNECTION).status_code == 201
        yield client


def write(path: Path, *days: int) -> None:
    """Ten points a day, so many days ago, of a goal; seven of one that is gone; five saved."""
    store = EmbeddedDelivery(path)
    for ago in days:
        writes = Writes()
        writes.spent.update({(1, 1, "plan"): 8, (1, 1, "color"): 2, (1, 9, "events"): 7, (2, 5, "plan"): 100})
        writes.saved[1, 1] = 5
        store.apply([writes], now() - ago * DAY)
    store.close()


def test_they_are_added_up_by_day_goal_and_field(api: httpx.Client, tmp_path: Path) -> None:
    write(tmp_path, 0, 0, 1, 40)
    today, yesterday = (to_iso(now() - ago * DAY)[:10] for ago in (0, 1))
    found = api.get(URL).json()
    assert (found["to"], found["spent"], found["saved"]) == (today, 51, 15)
    shown = [(one["day"], one["spent"], one["saved"]) for one in found["items"]]
    assert shown == [(today, 34, 10), (yesterday, 17, 5)]
    goals = api.get(URL, params={"by": "goal", "from": yesterday, "to": yesterday}).json()["items"]
    assert [(one["goal"], one["spent"], one["saved"]) for one in goals] == [("People", 10, 5), ("", 7, 0)]
    fields = api.get(URL, params={"by": "field"}).json()
    shown = [(one["field"], one["spent"], one["saved"]) for one in fields["items"]]
    assert shown == [("plan", 24, None), ("events", 21, None), ("color", 6, None)]
    assert (fields["spent"], fields["saved"]) == (51, 15)


def test_days_the_wrong_way_round_or_too_many_are_refused(api: httpx.Client) -> None:
    for days in ({"from": "2026-03-02", "to": "2026-03-01"}, {"from": "2020-01-01", "to": "2026-03-01"}):
        answer = api.get(URL, params=days)
        assert (answer.status_code, answer.json()["code"]) == (400, "api.bad_request")


def test_a_budget_is_kept_shown_and_taken_away(api: httpx.Client, tmp_path: Path) -> None:
    path = "/api/v1/connections/Braze"
    assert api.get(URL).json()["budget"] == []
    wrong = api.patch(path, json={"budget": {"per_day": 5, "timezone": "Mars/Olympus"}})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "budget.timezone")
    assert api.patch(path, json={"budget": {"per_day": 0}}).status_code == 400
    shown = api.patch(path, json={"budget": {"per_day": 50, "per_month": 900}}).json()
    assert shown["budget"] == {"per_day": 50, "per_month": 900, "warn_at": 80, "timezone": "UTC"}
    write(tmp_path, 0)
    now_spent = [(one["period"], one["spent"], one["limit"]) for one in api.get(URL).json()["budget"]]
    assert now_spent == [("day", 17, 50), ("month", 17, 900)]
    document = api.get(f"{path}/document", headers={"accept": "application/json"}).json()
    assert document["spec"]["budget"] == {"per_day": 50, "per_month": 900}
    assert api.patch(path, json={"budget": {}}).json()["budget"]["per_day"] is None


def test_what_is_too_old_goes(tmp_path: Path) -> None:
    write(tmp_path, KEPT_DAYS + 1, 1)
    store = EmbeddedDelivery(tmp_path)
    for _ in range(TRIM_EVERY):
        store.apply([], now())
    assert len(store._read("select distinct day from data_point")) == 1
    assert len(store._read("select distinct slot from spending")) == 1
    store.close()


def test_the_command_shows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with open_client(tmp_path, create=True) as client:
        assert client.post("/api/v1/connections", json=CONNECTION).status_code == 201
    write(tmp_path, 0)
    monkeypatch.setenv("ONEFOLD_DATA_DIR", str(tmp_path))

    def run(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["onefold", *words])
        capfd.readouterr()
        assert main() == 0
        sys.stdout.flush()
        return capfd.readouterr().out

    shown: dict[str, Any] = json.loads(run("connections", "data-points", "Braze", "--json"))
    assert (shown["spent"], shown["saved"]) == (17, 5)
    budget = ("--budget", "day=50", "--budget", "timezone=Asia/Kolkata", "--budget", "warn=50")
    run("connections", "update", "Braze", *budget)
    assert "50 a day (Asia/Kolkata), warns at 50 %" in run("connections", "show", "Braze")
    assert "of 50 this day" in run("connections", "data-points", "Braze")
    run("connections", "update", "Braze", "--budget", "none")
    text = run("connections", "data-points", "Braze", "--by", "goal")
    assert "9 (deleted)" in text
    assert "17 spent, 5 saved." in text
    assert "Nobody waits" in run("connections", "waiting-for-budget", "Braze")
    put_off(tmp_path, (1, 12))
    (one,) = json.loads(run("connections", "waiting-for-budget", "Braze", "--json"))["items"]
    assert (one["goal"], one["profile_id"]) == ("People", 12)


def put_off(path: Path, *waiting: tuple[int, int]) -> None:
    """People, by goal and profile, whom a spent budget holds back."""
    store = EmbeddedDelivery(path)
    writes = Writes()
    writes.ledger.update({(put_off_ledger(goal), profile): {WAITS_IN: 7} for goal, profile in waiting})
    store.apply([writes], now())
    store.close()


def test_who_waits_for_room_in_the_budget_is_listed_goal_by_goal(api: httpx.Client, tmp_path: Path) -> None:
    goal = {"kind": "export", "name": "Cities", "mappings": [{**PLAN, "field": "home_city"}]}
    assert api.post("/api/v1/connections/Braze/goals", json=goal).status_code == 201
    url = "/api/v1/connections/Braze/waiting-for-budget"
    assert api.get(url).json() == {"items": [], "next_cursor": None}
    put_off(tmp_path, (1, 12), (1, 4), (2, 4), (9, 5))
    first = api.get(url, params={"limit": 2}).json()
    rest = api.get(url, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    shown = [(one["goal"], one["profile_id"]) for one in first["items"] + rest["items"]]
    assert shown == [("People", 4), ("People", 12), ("Cities", 4)]
    assert rest["next_cursor"] is None
    assert api.get(url, params={"cursor": "nonsense"}).json()["code"] == "api.bad_cursor"
