"""Runs of goals and their schedules by the API and by commands, against real files."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.activate.store import NewLetter, Writes
from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.backends.embedded.delivery_status import EmbeddedDeliveryStatus
from onefold.cli import main
from onefold.clock import SECOND, now
from onefold.model.delivery import Item
from onefold.model.goal_run import GoalRun, Reason, RunSample, Trigger
from onefold.model.outcome import Kind
from onefold.model.run import RunState
from onefold.runtime.client import open_client
from onefold.runtime.deliver import ControlDirectory
from onefold.runtime.secret_key import load_cipher

EXPORT: dict[str, Any] = {
    "kind": "export",
    "name": "People",
    "enabled": True,
    "mappings": [{"source": {"kind": "trait", "trait": "plan"}, "field": "plan"}],
}
MONDAYS = {
    "rule": {"kind": "weekdays", "days": ["monday", "thursday"], "at": ["08:00"]},
    "timezone": "Europe/Paris",
}
GOAL = "/api/v1/connections/Braze/goals/People"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        connection = {
            "name": "Braze",
            "connector": "braze",
            "settings": {"endpoint": "https://rest.fra-01.braze.eu"},
            "secrets": {"api_key": "secret"},
            "goals": [EXPORT],
        }
        assert client.post("/api/v1/connections", json=connection).status_code == 201
        yield client


def a_run(number: int, **given: Any) -> GoalRun:
    made = {"state": RunState.SUCCEEDED, "started_at": 5 * SECOND, "ended_at": 9 * SECOND, **given}
    run = GoalRun(number, f"run-{number:014d}-{number}", 1, 1, Trigger.SCHEDULE, SECOND, **made)
    run.connection_name, run.goal_name = "Braze", "People"
    return run


def write(path: Path, *runs: GoalRun, **given: Any) -> None:
    store, writes = EmbeddedDelivery(path), Writes()
    writes.runs = list(runs)
    for name, value in given.items():
        setattr(writes, name, value)
    store.apply([writes], now())
    store.close()


def test_a_goal_has_a_schedule_and_says_it_in_words(api: httpx.Client) -> None:
    shown = api.get(GOAL).json()
    assert (shown["runs"], shown["next_run"]) == ("continuously", None)
    changed = api.patch(GOAL, json={"schedule": MONDAYS}).json()
    assert changed["runs"] == "every Monday and Thursday at 08:00 Europe/Paris"
    assert changed["version"] == 2
    assert changed["next_run"] == api.get(f"{GOAL}/next-runs?count=1").json()["next_runs"][0]
    assert api.post(f"{GOAL}/disable").json()["next_run"] is None


INTAKE = {
    "identifiers": [{"field": "email", "identifier": "email"}],
    "rows": [{"field": "plan", "trait": "plan"}],
}


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        ({"kind": "import", "settings": {"audience": "vips"}, "intake": INTAKE}, "by hand"),
        ({"kind": "currents", "settings": {"every_minutes": 5, "folder": "c"}}, "every 5 minutes"),
    ],
)
def test_when_a_goal_runs_next_is_said_as_in_the_list(
    api: httpx.Client, goal: dict[str, Any], words: str
) -> None:
    goals = "/api/v1/connections/Braze/goals"
    made = api.post(goals, json={"name": "In", **goal})
    assert made.status_code == 201, made.text
    assert made.json()["runs"] == words
    assert api.get(f"{goals}/In/next-runs").json()["words"] == words


def test_a_schedule_is_looked_at_before_it_is_set(api: httpx.Client) -> None:
    found = api.post("/api/v1/schedules/preview", json={"schedule": MONDAYS, "count": 7}).json()
    assert len(found["next_runs"]) == 7
    assert found["words"].startswith("every Monday")
    wrong = {"schedule": {"rule": {"kind": "cron", "expression": "61 * * * *"}}}
    answer = api.post("/api/v1/schedules/preview", json=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "goal.bad_schedule")
    assert answer.json()["field"] == "schedule.rule.expression"


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        ({**MONDAYS, "timezone": "Europe/Atlantis"}, "schedule.timezone"),
        ({"rule": {"kind": "cron", "expression": "* * * * 9"}}, "schedule.rule.expression"),
    ],
)
def test_a_schedule_that_cannot_run_is_refused(api: httpx.Client, schedule: Any, field: str) -> None:
    answer = api.patch(GOAL, json={"schedule": schedule})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (422, "goal.invalid", field)
    assert (
        api.patch(GOAL, json={"schedule": {"rule": {"kind": "weekdays", "days": [], "at": []}}}).status_code
        == 400
    )


def test_a_goal_of_events_runs_continuously_and_not_by_hand(api: httpx.Client) -> None:
    goals = "/api/v1/connections/Braze/goals"
    events = {"kind": "events", "name": "Events", "enabled": True}
    answer = api.post(goals, json={**events, "schedule": MONDAYS})
    assert (answer.status_code, answer.json()["field"]) == (422, "schedule.rule")
    assert api.post(goals, json=events).status_code == 201
    assert api.post(f"{goals}/Events/run").json()["code"] == "goal.sends_events"


def test_an_import_runs_by_hand_or_at_times(api: httpx.Client) -> None:
    goals = "/api/v1/connections/Braze/goals"
    intake = {
        "identifiers": [{"field": "external_id", "identifier": "user_id"}],
        "rows": [{"field": "plan", "trait": "plan"}],
    }
    body = {"kind": "import", "name": "Loyal", "settings": {"audience": "7"}, "intake": intake}
    made = api.post(goals, json={**body, "enabled": True}).json()
    assert (made["runs"], made["next_run"], made["progress"]["state"]) == ("by hand", None, "waiting")
    changed = api.patch(f"{goals}/Loyal", json={"schedule": MONDAYS}).json()
    assert changed["runs"].startswith("every Monday")
    assert changed["next_run"] == api.get(f"{goals}/Loyal/next-runs").json()["next_runs"][0]
    assert api.post(f"{goals}/Loyal/disable").json()["next_run"] is None


def test_a_run_that_is_asked_for_waits_for_deliver(api: httpx.Client, tmp_path: Path) -> None:
    asked = api.post(f"{GOAL}/run")
    assert asked.status_code == 202
    run = asked.json()
    assert (run["kind"], run["state"], run["trigger"], run["by"]) == ("goal", "queued", "person", "local")
    assert api.get(f"/api/v1/runs/{run['id']}").json()["state"] == "queued"
    control = ControlDatabase.reader(tmp_path)
    directory = ControlDirectory(control, load_cipher(tmp_path, {}))
    (ask,) = directory.asked().runs
    assert (ask.id, ask.connection_id, ask.goal_id) == (run["id"], 1, 1)
    assert api.post(f"/api/v1/runs/{run['id']}/cancel").json()["cancel_asked"]
    assert directory.asked().cancelled == {run["id"]}
    control.close()


@pytest.mark.parametrize("what", ["/api/v1/connections/Braze", GOAL])
def test_what_is_off_is_not_run(api: httpx.Client, what: str) -> None:
    api.post(f"{what}/disable")
    answer = api.post(f"{GOAL}/run")
    assert (answer.status_code, answer.json()["code"]) == (409, "goal.off")


def test_runs_of_goals_stand_among_the_others_newest_first(api: httpx.Client, tmp_path: Path) -> None:
    reasons = [Reason(Kind.FILTERED, "activate.no_delta", 4), Reason(Kind.PASSED, "", 3)]
    of_other = a_run(3)
    of_other.goal_id = 2
    write(tmp_path, a_run(1, planned=8, reasons=reasons), a_run(2), of_other)
    replay = api.post("/api/v1/replays").json()
    asked = api.post(f"{GOAL}/run").json()
    everything = [run["id"] for run in api.get("/api/v1/runs").json()["items"]]
    assert everything[:2] == [asked["id"], replay["id"]]
    assert len(everything) == 5
    of_goals = api.get("/api/v1/runs?kind=goal&connection=Braze&goal=People").json()["items"]
    assert [run["id"] for run in of_goals] == [asked["id"], everything[3], everything[4]]
    first = of_goals[-1]
    assert (first["planned"], first["passed"], first["filtered"], first["deferred"]) == (8, 3, 4, 1)
    assert first["reasons"] == [
        {"outcome": "passed", "code": "", "count": 3},
        {"outcome": "filtered", "code": "activate.no_delta", "count": 4},
        {"outcome": "deferred", "code": "activate.waiting", "count": 1},
    ]
    assert [run["kind"] for run in api.get("/api/v1/runs?kind=replay").json()["items"]] == ["replay"]
    page = api.get("/api/v1/runs?limit=2").json()
    rest = api.get("/api/v1/runs", params={"cursor": page["next_cursor"]}).json()
    assert [run["id"] for run in [*page["items"], *rest["items"]]] == everything


def test_runs_outlive_their_goal_and_connection(api: httpx.Client, tmp_path: Path) -> None:
    write(tmp_path, a_run(1))
    assert api.delete("/api/v1/connections/Braze").status_code == 204
    (run,) = api.get("/api/v1/runs?connection=1").json()["items"]
    assert (run["connection"], run["goal"]) == ("Braze", "People")
    assert api.get("/api/v1/runs?connection=Other").status_code == 404
    assert len(api.get("/api/v1/runs?connection=1&goal=1").json()["items"]) == 1


def test_a_goal_by_name_is_not_found_once_its_connection_is_deleted(
    api: httpx.Client, tmp_path: Path
) -> None:
    write(tmp_path, a_run(1))
    assert api.delete("/api/v1/connections/Braze").status_code == 204
    answer = api.get("/api/v1/runs?connection=1&goal=People")
    assert (answer.status_code, answer.json()["code"]) == (404, "api.unknown_connection")


@pytest.mark.parametrize("profile_id", [10**19, -(10**19)])
def test_a_preview_for_an_id_over_64_bits_finds_nobody(api: httpx.Client, profile_id: int) -> None:
    key = api.post("/api/v1/sources", json={"name": "web"}).json()["write_key"]
    api.post("/v1/track", json={"userId": "ada", "event": "Seen"}, auth=(key, ""))
    answer = api.post(f"{GOAL}/preview", json={"profile_id": profile_id})
    assert (answer.status_code, answer.json()["code"]) == (404, "api.unknown_profile")


def test_what_a_page_of_runs_is_shown_with_is_read_once(
    api: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way = [a_run(number, planned=1, scanning=True, ended_at=0) for number in (1, 2, 3)]
    write(tmp_path, *under_way)
    read: list[str] = []

    def counting(name: str) -> Any:
        method = getattr(EmbeddedDeliveryStatus, name)

        def counted(status: EmbeddedDeliveryStatus) -> Any:
            read.append(name)
            return method(status)

        return counted

    for name in ("ends", "states"):
        monkeypatch.setattr(EmbeddedDeliveryStatus, name, counting(name))
    runs = api.get("/api/v1/runs?kind=goal").json()["items"]
    assert [run["deferred"] for run in runs] == [1, 1, 1]
    assert sorted(read) == ["ends", "states"]


def test_an_hour_of_a_continuous_goal_is_not_cancelled(api: httpx.Client, tmp_path: Path) -> None:
    hour = a_run(1, state=RunState.RUNNING, ended_at=0)
    hour.trigger = Trigger.CONTINUOUS
    write(tmp_path, hour, a_run(2))
    answer = api.post(f"/api/v1/runs/{hour.id}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "api.run_continuous")
    assert api.post(f"/api/v1/runs/{a_run(2).id}/cancel").json()["code"] == "api.run_ended"


def test_samples_are_shown_as_json_rejected_ones_first(api: httpx.Client, tmp_path: Path) -> None:
    samples = [
        RunSample(1, Kind.PASSED, "", 7, "", b'{"plan":"pro"}', b'{"external_id":"u7"}', "201"),
        RunSample(1, Kind.REJECTED, "activate.braze.item", 8, "m8", b'{"plan":"x', b"", "400 no"),
    ]
    write(tmp_path, a_run(1), samples=samples)
    found = api.get(f"/api/v1/runs/{a_run(1).id}/samples").json()
    rejected, passed = found["items"]
    assert (rejected["ours"], rejected["request"], rejected["message_id"]) == ('{"plan":"x', None, "m8")
    assert (passed["ours"], passed["request"]) == ({"plan": "pro"}, {"external_id": "u7"})
    assert api.get("/api/v1/runs/run-0/samples").status_code == 404


def test_the_rejected_of_a_run_are_retried(api: httpx.Client, tmp_path: Path) -> None:
    letters = [
        NewLetter(
            *("activate.braze.value", "plan", "No.", "", "1/1", b"{}"),
            connection_id=1,
            channel="",
            item=Item("", b"", 1, number, 0, -1, 0, run=number),
        )
        for number in (1, 1, 2)
    ]
    write(tmp_path, a_run(1), a_run(2), letters=letters)
    run = a_run(1).id
    assert len(api.get("/api/v1/dead-letters", params={"run": run}).json()["items"]) == 2
    answer = api.post("/api/v1/dead-letters/replay", json={"run": run}).json()
    assert answer["done"] == 2
    (left,) = api.get("/api/v1/dead-letters?state=open").json()["items"]
    assert left["id"] == "activate-3"
    assert api.post("/api/v1/dead-letters/replay", json={"run": "run-0"}).status_code == 404


def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ONEFOLD_DATA_DIR", str(tmp_path))

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["onefold", *words])
        capfd.readouterr()
        code = main()
        sys.stdout.flush()
        return code, capfd.readouterr().out

    with open_client(tmp_path, create=True) as client:
        settings, secrets = {"endpoint": "https://rest.fra-01.braze.eu"}, {"api_key": "x"}
        body = {"name": "Braze", "connector": "braze", "settings": settings, "secrets": secrets}
        client.post("/api/v1/connections", json=body)
    write(tmp_path, a_run(1))
    goals = ("connections", "goals")
    when = ("--schedule", "last friday at 18:00", "--timezone", "Europe/Paris", "--overlap", "queue")
    code, out = run(*goals, "add", "Braze", "export", "--map", "plan=trait:plan", *when, "--on", "--json")
    assert (code, json.loads(out)["runs"]) == (0, "every last Friday of the month at 18:00 Europe/Paris")
    assert json.loads(out)["schedule"]["overlap"] == "queue"
    code, out = run(*goals, "next", "Braze", "export", "--count", "2")
    assert (code, len(out.splitlines())) == (0, 3)
    assert run(*goals, "schedule", "monday at 08:00", "--timezone", "Asia/Kathmandu")[1].startswith(
        "every Monday"
    )
    code, out = run(*goals, "update", "Braze", "export", "--schedule", "by hand", "--json")
    assert json.loads(out)["runs"] == "by hand"
    code, out = run(*goals, "run", "Braze", "export", "--wait", "--json")
    assert (code, json.loads(out)["state"]) == (0, "queued")
    code, out = run("runs", "list", "--kind", "goal", "--connection", "Braze")
    assert (code, len(out.splitlines())) == (0, 3)
    assert run("runs", "samples", a_run(1).id)[0] == 0
    code, out = run("runs", "retry", a_run(1).id)
    assert (code, out) == (0, "0 replayed.\n")
