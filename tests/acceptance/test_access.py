"""Who is let in, and what is hidden from whom: over sockets, with people, letters and deliveries there."""

import json
import re
from collections.abc import Callable
from typing import Any

from onefold.testing.sandbox import DEFAULT_KEY, braze_sandbox

Waiting = Callable[..., Any]
PASSWORD = "tin lamp over seven rivers"
SECRETS = (
    "planted-name",
    "planted@example.org",
    "planted-user",
    "planted-plan",
    "planted-refused",
    "planted-product",
)
"""Values of one person; nobody without the right ever sees one."""


def as_token(server: Any, name: str, *rights: str) -> dict[str, str]:
    words = [word for right in rights for word in ("--right", right)]
    return {"authorization": f"Bearer {server.cli('tokens', 'create', name, *words)['token']}"}


def test_who_may_not_see_people_sees_none_of_their_values(server: Any, waiting: Waiting) -> None:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as braze:
        body = {
            "name": "Braze",
            "connector": "braze",
            "settings": {"endpoint": braze.url},
            "secrets": {"api_key": DEFAULT_KEY},
            "goals": [
                {"kind": "events", "name": "Events", "enabled": True, "settings": {"start": "beginning"}},
                {
                    "kind": "export",
                    "name": "Export",
                    "enabled": True,
                    "mappings": [{"source": {"kind": "trait", "trait": "plan"}, "field": "plan"}],
                },
            ],
        }
        server.api("POST", "/connections", body)
        condition = {"kind": "trait", "trait": "plan", "test": "is", "value": "planted-plan"}
        segment = {"name": "Planted", "condition": condition}
        server.api(
            "POST", "/segments", {**segment, "condition": {"kind": "identifier", "identifier": "email"}}
        )
        key = server.write_key()
        traits = {"name": "planted-name", "email": "planted@example.org", "plan": "planted-plan"}
        who = {"userId": "planted-user", "messageId": "m-1", "traits": traits}
        assert server.send(key, "/v1/identify", who) == 200
        bought = {"product": "planted-product"}
        event = {"userId": "planted-user", "event": "Came", "messageId": "m-2", "properties": bought}
        assert server.send(key, "/v1/track", event) == 200
        assert server.send(key, "/v1/track", {"userId": "planted-refused", "messageId": "m-3"}) == 400
        server.wait_folded()
        waiting(lambda: braze.user("planted-user"), "Braze has them")
        waiting(lambda: samples(server), "there are samples")

    viewer = as_token(server, "viewer", "see")
    sees, found = as_token(server, "sees", "see", "personal"), set()
    for path in addresses(server):
        for headers, may in ((viewer, False), (sees, True)):
            status, answer = server.call("GET", path, None, headers)
            assert status in {200, 403, 404, 409, 410, 502}, path  # 502: Braze is gone by now
            text = answer.decode()
            if may:
                found |= {secret for secret in SECRETS if secret in text}
            else:
                assert not [secret for secret in SECRETS if secret in text], path
    assert found == set(SECRETS), "there was something to hide"
    for path in (
        "/profiles/by/email/planted@example.org",
        "/profiles?search=planted",
        "/dead-letters/export",
    ):
        status, answer = server.call("GET", f"/api/v1{path}", None, viewer)
        assert (status, json.loads(answer)["code"]) == (403, "api.missing_right")


def samples(server: Any) -> list[Any]:
    runs = server.api("GET", "/runs?kind=goal")["items"]
    return [one for run in runs for one in server.api("GET", f"/runs/{run['id']}/samples")["items"]]


def addresses(server: Any) -> list[str]:
    """Every GET of the API, for everything that is there."""
    letter = server.api("GET", "/dead-letters")["items"][0]["id"]
    runs = [run["id"] for run in server.api("GET", "/runs")["items"]]
    values = {
        "profile_id": ["1"],
        "message_id": ["m-1", "m-2", "m-3"],
        "letter_id": [letter],
        "run_id": runs,
        "connection": ["1"],
        "goal": ["1", "2"],
        "segment": ["1"],
        "source": ["1"],
        "connector": ["braze"],
    }
    document = server.api("GET", "/openapi.json")
    found = []
    for path, item in document["paths"].items():
        if "get" not in item or path.endswith(("/flow/stream", "/dead-letters/export")):
            continue
        made = [path]
        for name in re.findall(r"\{([^}]*)\}", path):
            choices = values.get(name, ["1"])
            made = [one.replace(f"{{{name}}}", choice) for one in made for choice in choices]
        found += made
    return found


def test_a_team_is_made_by_commands_and_signs_in(server: Any) -> None:
    invited = server.cli("team", "invite", "ada@example.org", "--role", "owner", "--name", "Ada")
    code = invited["link"]["path"].removeprefix("/open/")
    json_headers = {"content-type": "application/json"}
    body = json.dumps({"code": code, "password": PASSWORD})
    status, answer = server.call("POST", "/api/v1/welcome", body, json_headers)
    assert (status, json.loads(answer)["role"]) == (200, "owner")
    again = server.cli("team", "invite", "ada@example.org")
    assert again["link"]["url"] != invited["link"]["url"]
    assert server.cli("team", "invite", "vera@example.org", "--role", "viewer")["mailed"] is False
    changed = server.cli("team", "change", "vera@example.org", "--role", "marketer", "--no-personal")
    assert (changed["role"], changed["personal"], changed["state"]) == ("marketer", False, "invited")
    server.stop()
    server.start()
    body = json.dumps({"email": "ada@example.org", "password": PASSWORD})
    assert server.call("POST", "/api/v1/sign-in", body, json_headers)[0] == 200
    server.run("team", "remove", "vera@example.org")
    assert [one["email"] for one in server.cli("team", "list")["items"]] == ["ada@example.org"]
    done = [(entry["action"], entry["by"]) for entry in server.cli("audit", "list")["items"]]
    assert ("remove_teammate", "local") in done
    assert ("sign_in", "ada@example.org") in done
    assert f"/team/{changed['id']}" in server.run("audit", "list", "--action", "change_teammate").stdout
