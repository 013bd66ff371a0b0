from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("workspace")

ROWS = """id,mail,what,amount,at
1,ada@example.org,Order Completed,30,2026-01-01T00:00:00Z
2,,Visit,1,2026-01-02T00:00:00Z
"""
MAPPING = """
[time]
column = "at"
[identifiers]
user_id = "id"
email = "mail"
[event]
column = "what"
[properties]
revenue = { column = "amount", type = "number" }
"""


@pytest.fixture
def imported(tmp_path: Path, run: Run) -> Run:
    """A workspace with two people."""
    (tmp_path / "rows.csv").write_text(ROWS)
    (tmp_path / "rows.toml").write_text(MAPPING)
    done = run("import", tmp_path / "rows.csv", "--mapping", tmp_path / "rows.toml", "--json")
    assert (done.code, done.json()["state"]) == (0, "succeeded"), done.err
    return run


def test_a_source_prints_its_write_key_as_json(run: Run) -> None:
    made = run("sources", "create", "Web shop", "--json")
    assert made.code == 0
    assert made.json()["write_key"]
    listed = run("sources", "list", "--json").json()
    assert listed["next_cursor"] is None
    assert [source["name"] for source in listed["items"]] == ["Web shop"]


def test_keys_of_a_source_are_rotated_and_disabled(run: Run) -> None:
    old = run("sources", "create", "web", "--json").json()["write_key"]
    new = run("sources", "keys", "rotate", "web", "--json").json()["key"]
    assert run("sources", "keys", "disable", "web", old).code == 0
    shown = run("sources", "show", "web", "--json").json()
    assert shown["write_key"] == new
    assert {key["key"]: key["enabled"] for key in shown["keys"]} == {old: False, new: True}


def test_a_token_is_shown_once(run: Run) -> None:
    made = run("tokens", "create", "tests", "--json").json()
    assert made["token"]
    assert "token" not in run("tokens", "list", "--json").json()["items"][0]
    assert run("tokens", "delete", made["id"]).code == 0
    assert run("tokens", "list", "--json").json()["items"] == []


@pytest.mark.parametrize("noun", ["sources", "tokens", "segments", "connections", "profiles", "runs"])
def test_an_empty_listing_says_what_to_do(run: Run, noun: str) -> None:
    assert run("init").code == 0
    shown = run(noun, "list")
    assert shown.code == 0
    assert "onefold " in shown.out


def test_without_a_workspace_nothing_is_made_by_looking(run: Run, workspace: Path) -> None:
    shown = run("sources", "list")
    assert shown.code == 4
    assert "[runtime.no_workspace]" in shown.err
    assert shown.out == ""
    assert not workspace.exists()


def test_what_is_not_there_is_exit_code_3(run: Run) -> None:
    run("init")
    shown = run("sources", "show", "nobody")
    assert shown.code == 3
    assert "[api.unknown_source]" in shown.err
    assert "Traceback" not in shown.err


def test_no_server_at_an_address_is_exit_code_4(run: Run) -> None:
    shown = run("sources", "list", "--url", "http://127.0.0.1:9")
    assert shown.code == 4
    assert "[cli.unreachable]" in shown.err


def test_an_address_is_one(run: Run) -> None:
    assert run("sources", "list", "--url", "localhost").code == 2


def test_the_traceback_comes_only_when_it_is_asked_for(run: Run) -> None:
    assert "Traceback" not in run("sources", "list").err
    asked = run("sources", "list", "-v")
    assert "Traceback" in asked.err
    assert asked.err.endswith("[runtime.no_workspace]\n")


@pytest.mark.parametrize(
    "words", [("frobnicate",), ("sources", "create"), ("sources", "list", "--limit", "x")]
)
def test_a_wrong_command_line_is_exit_code_2(run: Run, words: tuple[str, ...]) -> None:
    shown = run(*words)
    assert shown.code == 2
    assert "Error" in shown.err


def test_wrong_settings_are_exit_code_2_with_every_problem(run: Run, workspace: Path) -> None:
    workspace.mkdir()
    (workspace / "onefold.toml").write_text('[server]\nport = "many"\n[nonsense]\nx = 1\n')
    shown = run("settings")
    assert shown.code == 2
    assert "server.port" in shown.err
    assert "nonsense" in shown.err


def test_settings_show_values_and_meanings(run: Run) -> None:
    items = run("settings", "--json").json()["items"]
    assert {item["name"] for item in items} >= {"server.port", "capture.event_bytes_max"}
    assert all(item["meaning"] for item in items)


def test_a_file_becomes_people_who_are_found(imported: Run) -> None:
    page = imported("profiles", "list", "--search", "ada@", "--json").json()
    assert [person["identifiers"]["user_id"] for person in page["items"]] == [["1"]]
    shown = imported("profiles", "show", "email", "ada@example.org")
    assert "Order Completed" in shown.out
    assert imported("profiles", "show", "1", "--json").json()["id"] == 1
    assert "attach" in imported("profiles", "links", "user_id", "1").out
    assert imported("profiles", "show", "email").code == 2


def test_a_segment_is_filled_shown_explained_changed_and_deleted(imported: Run) -> None:
    condition = 'event "Order Completed" sum revenue at_least 20'
    made = imported("segments", "create", "Buyers", "--condition", condition, "--wait", "--json")
    assert (made.code, made.json()["state"], made.json()["people"]) == (0, "live", 1)
    assert imported("segments", "members", "Buyers", "--json").json()["items"][0]["profile_id"] == 1
    assert "is in Buyers since" in imported("segments", "why", "Buyers", "user_id", "1").out
    assert "is not in Buyers" in imported("segments", "why", "Buyers", "user_id", "2").out
    assert "revenue in total" in imported("segments", "words", "Buyers").out
    changed = imported(
        "segments", "update", "Buyers", "--condition", "identifier user_id", "--wait", "--json"
    )
    assert changed.json()["people"] == 2
    ordered = ("--condition", 'event "Order Completed"')
    assert "People: 1; now 2" in imported("segments", "preview", "--segment", "Buyers", *ordered).out
    assert imported("segments", "preview", "--segment", "Buyers", "--json").json()["people"] == 2
    assert imported("segments", "preview").code == 2
    assert "No goal" in imported("segments", "used-by", "Buyers").out
    assert "no other segment" in imported("segments", "overlap", "Buyers").out
    grown = imported("segments", "growth", "Buyers", "--days", "7")
    assert "Day (UTC)" in grown.out
    assert "Counted since" in grown.err
    assert imported("segments", "growth", "Buyers", "--json").json()["days"][-1]["people"] == 2
    assert imported("segments", "growth", "Buyers", "--days", "0").code == 2
    assert "event Order Completed: 1 times" in imported("catalogue").out
    assert imported("segments", "update", "Buyers").code == 2
    assert imported("segments", "delete", "Buyers").code == 0
    assert imported("segments", "show", "Buyers").code == 3


def test_a_condition_may_come_from_a_file(imported: Run, tmp_path: Path) -> None:
    file = tmp_path / "segment.json"
    file.write_text('{"name": "Known", "condition": {"kind": "identifier", "identifier": "user_id"}}')
    assert imported("segments", "create", "--file", file, "--wait", "--json").json()["name"] == "Known"
    bare = tmp_path / "bare.json"
    bare.write_text('{"kind": "identifier", "identifier": "email"}')
    assert imported("segments", "create", "Mail", "--file", bare, "--wait", "--json").json()["people"] == 1


def test_a_wrong_condition_is_refused_with_each_fault(imported: Run) -> None:
    refused = imported("segments", "create", "Bad", "--condition", "event E at_most x last 900 hours")
    assert refused.code == 5
    assert "condition.window.amount" in refused.err
    assert "condition.value" in refused.err


def test_a_replay_proves_itself_and_a_backup_comes_back(imported: Run, tmp_path: Path) -> None:
    assert "Equal" in imported("replay").out
    assert imported("backup", tmp_path / "copy").code == 0
    assert imported("restore", tmp_path / "copy", "--data-dir", tmp_path / "again").code == 0
    people = imported("profiles", "list", "--data-dir", tmp_path / "again", "--json").json()["items"]
    assert len(people) == 2
    assert imported("restore", tmp_path / "copy", "--data-dir", tmp_path / "again").code == 1


def test_runs_are_listed_and_shown(imported: Run) -> None:
    run_id = imported("runs", "list", "--json").json()["items"][0]["id"]
    assert imported("runs", "show", run_id, "--json").json()["kind"] == "import"
    assert imported("runs", "follow", run_id).code == 0
    assert imported("runs", "cancel", run_id).code == 5
    assert imported("runs", "show", "run-0").code == 3


def test_a_bad_row_is_a_dead_letter_that_can_be_put_aside(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(ROWS + "3,,Visit,1,never\n")
    (tmp_path / "rows.toml").write_text(MAPPING)
    run("import", tmp_path / "rows.csv", "--mapping", tmp_path / "rows.toml")
    letter = run("dead-letters", "list", "--json").json()["items"][0]
    assert run("dead-letters", "show", letter["id"], "--json").json()["payload"]
    assert letter["code"] in run("dead-letters", "counts").out
    assert run("dead-letters", "discard").code == 2
    assert run("dead-letters", "discard", letter["id"]).code == 0
    assert run("dead-letters", "list", "--json").json()["items"] == []
    assert run("dead-letters", "list", "--state", "discarded", "--json").json()["items"]
    file = tmp_path / "letters.jsonl"
    assert run("dead-letters", "export", file, "--state", "all").code == 0
    assert file.stat().st_mode & 0o077 == 0
    assert len(file.read_text().splitlines()) == 1


def test_a_connection_and_its_goals_are_made_changed_and_removed(run: Run) -> None:
    words = ["connections", "create", "Braze", "--connector", "braze"]
    words += ["--set", "endpoint=https://rest.fra-01.braze.eu", "--secret", "api_key=hidden", "--json"]
    made = run(*words)
    assert made.json()["secrets"]["api_key"] == "set"
    assert "hidden" not in made.out
    mapping = ["--map", "email=identifier:email", "--map", "orders=counter:Order Completed:30"]
    mapping += ["--map", "email_consent=consent:email"]
    goal = run("connections", "goals", "add", "Braze", "export", *mapping, "--on", "--json").json()
    assert goal["enabled"] is True
    assert [row["source"]["kind"] for row in goal["mappings"]] == ["identifier", "counter", "consent"]
    assert run("connections", "goals", "off", "Braze", goal["id"]).code == 0
    assert "off" in run("connections", "goals", "list", "Braze").out
    assert run("connections", "off", "Braze").code == 0
    assert run("connections", "show", "Braze", "--json").json()["enabled"] is False
    refused = run("connections", "update", "Braze", "--set", "nonsense=1")
    assert (refused.code, "settings.nonsense" in refused.err) == (5, True)
    assert run("connections", "goals", "delete", "Braze", goal["id"]).code == 0
    asked = run("connections", "delete", "Braze")
    assert (asked.code, "--yes" in asked.err) == (2, True)
    assert run("connections", "delete", "Braze", "--yes").code == 0
    assert run("connections", "show", "Braze").code == 3


def test_a_goal_says_how_events_go(run: Run) -> None:
    made = ["connections", "create", "Braze", "--connector", "braze", "--secret", "api_key=hidden"]
    assert run(*made, "--set", "endpoint=https://rest.fra-01.braze.eu").code == 0
    words = ["--event", "Signed Up=signed_up", "--property", "Signed Up:plan=tier", "--property", "*:ip="]
    words += ["--only-named", "Left", "--json"]
    goal = run("connections", "goals", "add", "Braze", "events", *words).json()
    assert goal["event_mappings"] == [
        {"event": "Signed Up", "name": "signed_up", "properties": {"plan": "tier"}, "others": "keep"},
        {"event": "*", "name": "", "properties": {"ip": None}, "others": "keep"},
        {"event": "Left", "name": "", "properties": {}, "others": "leave_out"},
    ]
    words = ["--event", "Left=left", "--json"]
    changed = run("connections", "goals", "update", "Braze", "events", *words).json()
    assert [row["name"] for row in changed["event_mappings"]] == ["left"]
    for wrong in (["--event", "Left"], ["--property", "plan=tier"]):
        refused = run("connections", "goals", "update", "Braze", "events", *wrong)
        assert (refused.code, wrong[1].split("=")[0] in refused.err) == (2, True)


def test_a_goal_says_what_fills_a_field(run: Run) -> None:
    run("init")
    refused = run("connections", "goals", "add", "Braze", "export", "--map", "email")
    assert (refused.code, "email" in refused.err) == (2, True)


def test_status_without_a_server_says_how_to_start_one(imported: Run) -> None:
    shown = imported("status")
    assert shown.code == 1
    assert "onefold serve" in shown.out
    assert {"version", "stages", "roles"} <= set(imported("status", "--json").json())


def test_the_flow_into_a_pipe_is_shown_once(imported: Run) -> None:
    stages = {stage["stage"]: stage for stage in imported("flow", "--json").json()["stages"]}
    assert stages["unify"]["received"] > 0
    assert "unify" in imported("flow").out


def test_an_event_is_traced_through_the_stages(imported: Run) -> None:
    missing = imported("trace", "no such id")
    assert (missing.code, "[api.unknown_message]" in missing.err) == (3, True)


def test_consent_is_said_and_shown(imported: Run) -> None:
    said = imported(
        *("profiles", "consent", "user_id", "1", "--purpose", "email", "--state", "consented"),
        *("--method", "phone call", "--json"),
    )
    assert (said.code, said.json()["state"]) == (0, "consented"), said.err
    (one,) = imported("profiles", "consent", "user_id", "1", "--json").json()["items"]
    assert (one["purpose"], one["state"], one["method"]) == ("email", "consented", "phone call")
    assert "consented" in imported("profiles", "show", "user_id", "1").out
    assert imported("profiles", "consent", "user_id", "1", "--purpose", "email").code == 2
    made = imported("segments", "create", "Reachable", "--condition", "consent email", "--wait", "--json")
    assert made.code == 0, made.err
    assert imported("segments", "show", "Reachable", "--json").json()["people"] == 1
    assert 'consented to "email"' in imported("profiles", "segments", "user_id", "1").out


def test_what_a_person_saw_is_shown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "seen.csv").write_text(
        "id,banner,at\n1,spring,2026-01-01T00:00:00Z\n1,,2026-01-02T00:00:00Z\n"
    )
    (tmp_path / "seen.toml").write_text(
        '[time]\ncolumn = "at"\n[identifiers]\nuser_id = "id"\n[event]\nname = "Interaction Viewed"\n'
        '[properties]\ninteraction_id = "banner"\n'
    )
    assert run("import", tmp_path / "seen.csv", "--mapping", tmp_path / "seen.toml").code == 0
    (one,) = run("profiles", "show", "user_id", "1", "--json").json()["interactions"]
    assert one == {
        "channel": "other",
        "id": "spring",
        "name": "",
        "kind": "",
        "count": 1,
        "first_seen": "2026-01-01T00:00:00.000Z",
        "last_seen": "2026-01-01T00:00:00.000Z",
    }
    assert "other spring" in run("profiles", "show", "user_id", "1").out


def test_a_goal_tells_what_people_saw(run: Run) -> None:
    made = ["connections", "create", "Braze", "--connector", "braze", "--secret", "api_key=hidden"]
    assert run(*made, "--set", "endpoint=https://rest.fra-01.braze.eu").code == 0
    sources = (
        "interactions:all",
        "interactions:Content Card:30:ids",
        "interaction:a:b:7",
        "interaction_name:X",
    )
    rows = [word for place, source in enumerate(sources) for word in ("--map", f"f{place}={source}")]
    goal = run("connections", "goals", "add", "Braze", "export", *rows, "--json").json()
    everything = {"channel": "", "days": 0, "what": "names", "limit": 25}
    anything = {"interaction_id": "", "name": "", "channel": "", "days": 0}
    assert [row["source"] for row in goal["mappings"]] == [
        {"kind": "interactions", **everything},
        {"kind": "interactions", **everything, "channel": "Content Card", "days": 30, "what": "ids"},
        {"kind": "interaction", **anything, "interaction_id": "a:b", "days": 7},
        {"kind": "interaction", **anything, "name": "X"},
    ]
    refused = run("connections", "goals", "update", "Braze", "export", "--map", "f0=interactions:email:soon")
    assert (refused.code, "soon" in refused.err) == (2, True)


def test_a_person_is_erased_once_it_is_confirmed(imported: Run) -> None:
    asked = imported("profiles", "erase", "user_id", "1")
    assert asked.code == 2
    assert "1 events, 2 identifiers" in asked.err
    assert "--yes" in asked.err
    erased = imported("profiles", "erase", "user_id", "1", "--yes", "--json")
    assert (erased.code, erased.json()["state"]) == (0, "succeeded"), erased.err
    assert "1 profiles, 2 identifiers, 1 events" in erased.json()["message"]
    assert imported("profiles", "show", "user_id", "1").code == 3
    assert imported("replay", "--json").json()["state"] == "succeeded"


def test_totals_are_by_day_unless_said_otherwise(imported: Run) -> None:
    assert imported("totals").out.split() == [
        *("Day", "(UTC)", "Events", "Revenue"),
        *("2026-01-02", "1", "1", "USD", "2026-01-01", "1", "30", "USD"),
    ]
    asked = ("--by", "event", "--by", "day", "--event", "Order Completed")
    (order,) = imported("totals", *asked, "--json").json()["items"]
    assert (order["day"], order["event"], order["count"]) == ("2026-01-01", "Order Completed", 1)
    assert order["revenue"] == [{"currency": "USD", "amount": "30"}]
    assert imported("totals", "--by", "total", "--from", "2026-01-02", "--to", "2026-01-02").out.split() == [
        *("Events", "Revenue", "1", "1", "USD"),
    ]
    assert "No such events" in imported("totals", "--event", "Never").out
    assert imported("totals", "--by", "weekday").code == 5


def test_a_timeline_tells_in_words_what_became_known(imported: Run) -> None:
    told = imported("profiles", "timeline", "user_id", "1")
    assert told.code == 0
    assert "track Order Completed" in told.out
    assert "attach: " in told.out
    links = imported("profiles", "timeline", "user_id", "1", "--kind", "link", "--json").json()
    assert [one["kind"] for one in links["items"]] == ["link"]
    first = imported("profiles", "timeline", "user_id", "1", "--limit", "1")
    assert "--cursor" in first.err


def test_what_destinations_hold_of_a_person_is_told(imported: Run) -> None:
    told = imported("profiles", "deliveries", "user_id", "1")
    assert (told.code, told.out.strip()) == (0, "Nothing was sent for this person, and nothing waits.")
