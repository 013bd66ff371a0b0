"""Consent by the API and by the command line, against real files."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.runtime.client import open_client
from onefold.testing.fold import make_event

Run = Callable[..., Any]
PROFILES = "/api/v1/profiles"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    """A workspace with one person, known by an e-mail address alone."""
    with open_client(tmp_path, create=True) as client:
        key = client.post("/api/v1/sources", json={"name": "web"}).json()["write_key"]
        event = make_event("m1", "identify", anonymous_id="a1", traits={"email": "ada@example.org"})
        assert client.post("/v1/identify", json=event, auth=(key, "")).status_code == 200
        yield client


def consents(api: httpx.Client) -> list[dict[str, Any]]:
    return list(api.get(f"{PROFILES}/1/consents").json()["items"])


def test_what_is_said_becomes_an_event_and_stands_in_the_profile(api: httpx.Client) -> None:
    body = {"state": "refused", "method": "phone call", "text": "to Bob"}
    taken = api.put(f"{PROFILES}/1/consents/email", json=body)
    assert taken.status_code == 202, taken.text
    (one,) = consents(api)
    assert (one["purpose"], one["state"], one["method"], one["text"]) == (
        *("email", "refused"),
        *("phone call", "to Bob"),
    )
    assert one["message_id"] == taken.json()["message_id"]
    assert api.get(f"{PROFILES}/by/email/ada@example.org").json()["consents"] == [one]
    traced = api.get(f"/api/v1/trace/{one['message_id']}").json()
    assert traced["events"][0]["unify"]["profile_id"] == 1
    stages = {one["stage"]: one for one in api.get("/api/v1/flow").json()["stages"]}
    assert stages["capture"]["passed"] == stages["unify"]["received"] == 2


def test_the_later_statement_stands(api: httpx.Client) -> None:
    path = f"{PROFILES}/1/consents/third%20parties%2Fads"
    assert api.put(path, json={"state": "consented"}).status_code == 202
    old = {"state": "refused", "occurred_at": "2020-01-01T00:00:00Z"}
    assert api.put(path, json=old).status_code == 202
    assert [(one["purpose"], one["state"]) for one in consents(api)] == [("third parties/ads", "consented")]
    assert api.put(path, json={"state": "unset"}).status_code == 202
    assert consents(api)[0]["state"] == "unset"
    trail = api.get("/api/v1/audit").json()["items"]
    assert {one["path"] for one in trail if "consents" in one["path"]} == {
        f"{PROFILES}/1/consents/third parties/ads"
    }


def test_what_cannot_be_said_is_refused(api: httpx.Client) -> None:
    for path, body, status, code in (
        ("1/consents/email", {"state": "maybe"}, 400, "api.bad_request"),
        ("1/consents/email", {"state": "refused", "occurred_at": "soon"}, 422, "api.bad_request"),
        (f"1/consents/{'x' * 101}", {"state": "refused"}, 422, "api.bad_purpose"),
        ("7/consents/email", {"state": "refused"}, 404, "api.unknown_profile"),
    ):
        answer = api.put(f"{PROFILES}/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert consents(api) == []
