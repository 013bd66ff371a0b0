"""The test panel of goals that make calls, presets and the checks of templates, by the API."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.runtime.client import open_client

KEY = "sk-very-secret"
CALL: dict[str, Any] = {
    "kind": "call",
    "name": "Welcome",
    "settings": {
        "when": "event",
        "events": ["Order Completed"],
        "url": "/orders/{{ profile.identifiers.user_id }}",
        "headers": {"Idempotency-Key": "{{ delivery_id }}"},
        "body": '{"total": {{ event.properties.total }}, "plan": "{{ profile.traits.plan }}"}',
    },
}


class Target:
    """An API that echoes what it was sent."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        target = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                target.bodies.append(json.loads(body))
                echo = f"{self.path} {self.headers['Authorization']}".encode()
                self.send_response(202)
                self.send_header("Content-Length", str(len(echo)))
                self.send_header("X-Echo", self.headers["Authorization"])
                self.end_headers()
                self.wfile.write(echo)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def target() -> Iterator[Target]:
    made = Target()
    yield made
    made.close()


@pytest.fixture
def api(tmp_path: Path, target: Target) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        connection = {
            "name": "Shop",
            "connector": "http",
            "settings": {
                "endpoint": target.url,
                "private_addresses": True,
                "headers": {"Authorization": "Bearer {{ secrets.api_key }}"},
            },
            "secrets": {"api_key": KEY},
        }
        answer = client.post("/api/v1/connections", json=connection)
        assert answer.status_code == 201, answer.text
        client.base_url = httpx.URL("http://onefold/api/v1/connections/Shop/")
        yield client


PERSON = {"identifiers": {"user_id": "ada/1"}, "traits": {"plan": "gold"}}
EVENT = {"properties": {"total": 9.5}}


def made(api: httpx.Client, **settings: Any) -> dict[str, Any]:
    answer = api.post("goals", json={**CALL, "settings": {**CALL["settings"], **settings}})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def problems(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {problem["field"]: problem["message"] for problem in answer.json()["problems"]}


def test_secrets_of_any_name_go_in_and_never_come_out(api: httpx.Client) -> None:
    shown = api.get("").json()
    assert shown["secrets"] == {"api_key": "set"}
    assert KEY not in api.get("").text
    answer = api.patch("", json={"secrets": {"Api Key": "x"}})
    assert list(problems(answer)) == ["secrets.Api Key"]


def test_secrets_stay_when_it_is_said_anew_where_they_may_go(api: httpx.Client) -> None:
    for settings in (
        {"endpoint": "https://evil.example.com"},
        {"hosts": ["evil.example.com"]},
        {"private_addresses": False},
    ):
        assert list(problems(api.patch("", json={"settings": settings}))) == ["secrets.api_key"]
    answer = api.patch("", json={"settings": {"hosts": ["a.example.com"]}, "secrets": {"api_key": "new"}})
    assert answer.status_code == 200


def test_the_request_is_shown_with_secrets_masked_and_nothing_is_sent(
    api: httpx.Client, target: Target
) -> None:
    made(api)
    answer = api.post("goals/try", json={"goal": "Welcome", "person": PERSON, "event": EVENT})
    assert answer.status_code == 200, answer.text
    assert KEY not in answer.text
    found = answer.json()
    assert found["request"]["method"] == "POST"
    assert found["request"]["url"] == f"{target.url}/orders/ada%2F1"
    assert found["request"]["headers"]["Authorization"] == "Bearer ***"
    assert json.loads(found["request"]["body"]) == {"total": 9.5, "plan": "gold"}
    assert (found["problem"], found["response"], target.bodies) == (None, None, [])
    assert found["notes"] == ["The goal is off: nothing is sent but this."]


def test_a_test_is_sent_once_and_the_answer_shown_with_secrets_masked(
    api: httpx.Client, target: Target
) -> None:
    made(api)
    answer = api.post("goals/send_test", json={"goal": "Welcome", "person": PERSON, "event": EVENT})
    assert answer.status_code == 200, answer.text
    assert KEY not in answer.text
    response = answer.json()["response"]
    assert (response["outcome"], response["status"]) == ("passed", 202)
    assert response["body"] == "/orders/ada%2F1 Bearer ***"
    assert response["headers"]["X-Echo"] == "Bearer ***"
    assert target.bodies == [{"total": 9.5, "plan": "gold"}]


def test_what_a_person_lacks_is_named(api: httpx.Client, target: Target) -> None:
    made(api)
    person = {"identifiers": {"user_id": "ada"}}
    answer = api.post("goals/send_test", json={"goal": "Welcome", "person": person, "event": EVENT})
    problem = answer.json()["problem"]
    assert (problem["code"], problem["field"]) == ("activate.call.template", "profile.traits.plan")
    assert target.bodies == []


def test_an_unknown_person_is_told(api: httpx.Client) -> None:
    made(api)
    key = api.post("http://onefold/api/v1/sources", json={"name": "web"}).json()["write_key"]
    api.post("http://onefold/v1/track", json={"userId": "ada", "event": "Seen"}, auth=(key, ""))
    for person in ({"by": {"email": "nobody@example.org"}}, {"profile_id": 7}, {"profile_id": 10**19}):
        answer = api.post("goals/try", json={"goal": "Welcome", "person": person})
        assert (answer.status_code, answer.json()["code"]) == (404, "api.unknown_profile")


def test_a_draft_is_tried_before_it_is_kept(api: httpx.Client) -> None:
    body = {"draft": CALL, "person": PERSON, "event": EVENT}
    assert api.post("goals/send_test", json=body).json()["response"]["status"] == 202
    assert api.get("goals").json()["items"] == []
    wrong = {**CALL, "settings": {**CALL["settings"], "body": "{{ nothing }}"}}
    assert list(problems(api.post("goals/try", json={"draft": wrong}))) == ["settings.body"]


def test_no_answer_is_an_outcome_too(api: httpx.Client, target: Target) -> None:
    made(api)
    target.close()
    body = {"goal": "Welcome", "person": PERSON, "event": EVENT}
    response = api.post("goals/send_test", json=body).json()["response"]
    assert (response["outcome"], response["status"]) == ("deferred", 0)
    assert response["code"] == "activate.http.unreachable"


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"body": "{{ person.email }}"}, "settings.body"),
        ({"body": "{{ params.campaign }}"}, "settings.body"),
        ({"body": '{"a": "x}'}, "settings.body"),
        ({"url": "{{ profile.traits.url }}"}, "settings.url"),
        ({"headers": {"Host": "evil"}}, "settings.headers.Host"),
        ({"method": "TRACE"}, "settings.method"),
        ({"method": "GET"}, "settings.body"),
        ({"caps": ["often"]}, "settings.caps"),
        ({"quiet_from": "22:00"}, "settings.quiet_until"),
        ({"when": "entered"}, "segment_id"),
        ({"events": []}, "settings.events"),
        ({"success": ["ok"]}, "settings.success"),
        ({"requires": ["email"]}, "settings.requires"),
        ({"parameters": [{"name": "a", "type": "date"}]}, "settings.parameters.0"),
        ({"parameters": [{"name": "a", "title": "A"}]}, "settings.values.a"),
        (
            {"parameters": [{"name": "a", "type": "number", "default": 1}], "values": {"a": "x"}},
            "settings.values.a",
        ),
        ({"values": {"b": 1}}, "settings.values.b"),
        ({"timeout_s": 600}, "settings.timeout_s"),
    ],
)
def test_a_wrong_goal_is_refused_when_it_is_kept(
    api: httpx.Client, settings: dict[str, Any], field: str
) -> None:
    answer = api.post("goals", json={**CALL, "settings": {**CALL["settings"], **settings}})
    assert list(problems(answer)) == [field]


def test_a_preset_is_filled_in_by_its_parameters(api: httpx.Client) -> None:
    goal = {
        "kind": "call",
        "name": "Mail",
        "preset": "braze_campaign",
        "settings": {"when": "event", "events": ["E"]},
    }
    assert list(problems(api.post("goals", json=goal))) == ["settings.values.campaign_id"]
    goal["settings"] = {**goal["settings"], "values": {"campaign_id": "c-1", "properties": {"a": 1}}}
    assert api.post("goals", json=goal).status_code == 201
    body = {"goal": "Mail", "person": {"identifiers": {"user_id": "ada"}}}
    request = api.post("goals/try", json=body).json()["request"]
    assert request["url"].endswith("/campaigns/trigger/send")
    assert json.loads(request["body"]) == {
        "campaign_id": "c-1",
        "recipients": [
            {"external_user_id": "ada", "trigger_properties": {"a": 1}, "send_to_existing_only": True}
        ],
    }
    answer = api.post("goals", json={**goal, "name": "Other", "preset": "nothing"})
    assert list(problems(answer)) == ["preset"]


def test_a_connection_with_calls_is_carried_by_its_document(api: httpx.Client) -> None:
    made(api)
    document = api.get("document").text
    assert "api_key" in document
    assert KEY not in document
    answer = api.put("document", content=document, headers={"content-type": "application/yaml"})
    assert answer.status_code == 200, answer.text
    goal = api.get("goals/Welcome").json()
    assert goal["settings"] == CALL["settings"]
    assert goal["version"] == 1


def test_goals_that_make_no_calls_cannot_be_tried_so(api: httpx.Client) -> None:
    connection = {
        "name": "Braze",
        "connector": "braze",
        "settings": {"endpoint": "https://rest.fra-01.braze.eu"},
        "secrets": {"api_key": "secret"},
        "goals": [{"kind": "events", "name": "Events"}],
    }
    assert api.post("http://onefold/api/v1/connections", json=connection).status_code == 201
    answer = api.post("http://onefold/api/v1/connections/Braze/goals/try", json={"goal": "Events"})
    assert (answer.status_code, answer.json()["code"]) == (409, "goal.makes_no_calls")
