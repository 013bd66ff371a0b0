"""Export goals as users set them up, by API and commands: looked at before, stopped, sent anew."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

Waiting = Callable[..., Any]
PERSON = {"kind": "email", "value": "Ann@Example.com"}


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        yield sandbox


@pytest.fixture
def people(server: Any) -> str:
    """Ann, who is VIP and known, and Bob, of whom only the e-mail is known; gives the write key."""
    write_key: str = server.write_key()
    ann = {"email": "ann@example.com", "plan": "gold", "first": "ann", "age": "31"}
    bob = {"email": "bob@example.com", "plan": "free"}
    assert server.send(write_key, "/v1/identify", {"userId": "ann", "traits": ann}) == 200
    assert server.send(write_key, "/v1/identify", {"anonymousId": "device-2", "traits": bob}) == 200
    server.wait_folded()
    server.run("segments", "create", "Gold", "--condition", "trait plan equals gold", "--wait")
    return write_key


def connect(server: Any, braze: BrazeSandbox, **settings: str) -> None:
    body = {
        "name": "Braze",
        "connector": "braze",
        "settings": {"endpoint": braze.url, **settings},
        "secrets": {"api_key": DEFAULT_KEY},
    }
    server.api("POST", "/connections", body)


def test_a_goal_does_what_its_preview_said(
    server: Any, braze: BrazeSandbox, people: str, waiting: Waiting, tmp_path: Path
) -> None:
    assert people
    connect(server, braze)
    goal = {
        "kind": "export",
        "name": "People",
        "match": [
            {"key": "external_id", "identifier": "user_id"},
            {"key": "email", "identifier": "email"},
        ],
        "mappings": [
            {"source": {"kind": "trait", "trait": "plan"}, "field": "plan"},
            {"source": {"kind": "segments"}, "field": "segments"},
            {"source": {"kind": "template", "template": "{{ traits.first | title }}!"}, "field": "greeting"},
            {"source": {"kind": "trait", "trait": "age"}, "field": "dob"},
        ],
    }
    preview = server.api("POST", "/connections/Braze/goals/preview", {**PERSON, "goal": goal})
    assert preview["outcome"] == "rejected", "one value is refused, the others go"
    assert [(row["field"], row["value"], row["sent"], row["state"]) for row in preview["rows"]] == [
        ("plan", "gold", "gold", "new"),
        ("segments", ["Gold"], ["Gold"], "new"),
        ("greeting", "Ann!", "Ann!", "new"),
        ("dob", "31", None, "refused"),
    ]
    assert preview["rows"][3]["hint"]
    expected = {"external_id": "ann", "plan": "gold", "segments": ["Gold"], "greeting": "Ann!"}
    assert [one["body"] for one in preview["objects"]] == [expected]
    reach = preview["reach"]
    assert (reach["exact"], reach["people"], reach["sent"], reach["requests"]) == (True, 2, 2, 1)
    assert reach["seconds"] is not None
    assert braze.sent_attributes() == [], "nothing left"

    file = tmp_path / "goal.json"
    file.write_text(json.dumps(goal))
    shown = server.run(
        "connections", "goals", "preview", "Braze", "--file", str(file), "--for", "user_id:ann"
    )
    assert "A first run: 2 people, 2 sent" in shown.stdout
    made = server.cli("connections", "goals", "add", "Braze", "--file", str(file), "--on")
    waiting(lambda: len([one for one in braze.sent_attributes() if "plan" in one]) == 2, "both arrive")
    assert expected in braze.sent_attributes()
    assert {"email": "bob@example.com", "plan": "free", "segments": []} in braze.sent_attributes()
    spent: Any = braze.stats()["data_points"]
    assert spent["total"] == reach["data_points"]

    again = server.cli(
        "connections", "goals", "preview", "Braze", str(made["id"]), "--for", "email:ann@example.com"
    )
    assert [row["state"] for row in again["rows"]] == ["same", "same", "same", "refused"]
    assert again["objects"] == []
    assert again["reach"]["sent"] == 0


def test_a_goal_is_stopped_and_sent_again(
    server: Any, braze: BrazeSandbox, people: str, waiting: Waiting
) -> None:
    connect(server, braze)
    server.run(
        *("connections", "goals", "add", "Braze", "export", "--segment", "Gold", "--on"),
        *("--map", "plan=trait:plan", "--map", "is_gold=segment:Gold", "--leaving", "is_gold=false"),
    )
    waiting(lambda: len(braze.sent_attributes()) == 1, "Ann arrives")
    stopped = server.cli("connections", "goals", "stop", "Braze", "export")
    assert (stopped["stopped"], stopped["status"]["message"]) == (
        True,
        "This goal is stopped: what was due is dropped.",
    )
    ann = {"userId": "ann", "traits": {"plan": "free"}}
    assert server.send(people, "/v1/identify", ann) == 200
    server.wait_folded()
    on = server.api("POST", "/connections/Braze/goals/export/enable")
    assert (on["stopped"], on["version"]) == (False, 1)
    assert server.send(people, "/v1/identify", {"userId": "ann", "traits": {"mood": "fine"}}) == 200
    waiting(
        lambda: len(braze.sent_attributes()) == 2, "what has changed since is seen at the next look at her"
    )
    assert braze.sent_attributes()[-1] == {"external_id": "ann", "is_gold": False}
    assert server.send(people, "/v1/identify", {"userId": "ann", "traits": {"plan": "gold"}}) == 200
    waiting(lambda: len(braze.sent_attributes()) == 3, "she is back")
    assert braze.sent_attributes()[-1] == {"external_id": "ann", "is_gold": True}
    resynced = server.cli("connections", "goals", "resync", "Braze", "export")
    assert resynced["version"] == 2
    waiting(lambda: len(braze.sent_attributes()) == 4, "everything is sent again")
    assert braze.sent_attributes()[-1] == {"external_id": "ann", "plan": "gold", "is_gold": True}


def test_goals_that_write_one_field_follow_their_order(
    server: Any, braze: BrazeSandbox, people: str, waiting: Waiting
) -> None:
    assert people
    connect(server, braze)
    add = ("connections", "goals", "add", "Braze", "export", "--on")
    gold = (*add, "--name", "Gold", "--segment", "Gold", "--map", "tier=text:gold")
    plain = (*add, "--name", "All", "--map", "tier=text:plain", "--match", "email=email")
    server.run(*gold)
    refused = server.run(*plain, code=5)
    assert "already written by the goal" in refused.stderr
    server.api("PATCH", "/connections/Braze", {"settings": {"overlap": "priority"}})
    server.run(*plain)
    waiting(lambda: {"email": "bob@example.com", "tier": "plain"} in braze.sent_attributes(), "Bob arrives")
    server.run("connections", "goals", "off", "Braze", "Gold")
    waiting(
        lambda: {"email": "ann@example.com", "tier": "plain"} in braze.sent_attributes(),
        "the other takes over",
    )


def test_what_cannot_be_previewed_says_why(server: Any, braze: BrazeSandbox, people: str) -> None:
    assert people
    connect(server, braze)
    server.run("connections", "goals", "add", "Braze", "events")
    server.run("connections", "goals", "add", "Braze", "deletions")
    answer = server.api("POST", "/connections/Braze/goals/deletions/preview", {}, status=409)
    assert (answer["code"], bool(answer["hint"])) == ("goal.no_preview", True)
    assert (
        server.api("POST", "/connections/Braze/goals/events/resync", status=409)["code"] == "goal.no_resync"
    )
    goal = {
        "kind": "export",
        "name": "People",
        "mappings": [{"source": {"kind": "template", "template": "{{ x }}"}, "field": "x"}],
    }
    wrong = server.api("POST", "/connections/Braze/goals/preview", {"goal": goal}, status=422)
    assert wrong["problems"][0]["field"] == "goal.mappings.0.source.template"
    goal["mappings"] = [{"source": {"kind": "trait", "trait": "plan"}, "field": "plan"}]
    nobody = {"goal": goal, "kind": "email", "value": "nobody@example.com"}
    assert server.api("POST", "/connections/Braze/goals/preview", nobody, status=404)["code"]
