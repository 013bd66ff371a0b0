"""What callers without personal data cannot find out in other ways than by a value in an answer."""

import httpx
import pytest
from tests.unit.api.test_team import browser

from onefold.api.mask import plan_of
from onefold.api.profiles import ProfileView
from onefold.observe.trace import Trace
from onefold.runtime.assemble import Web


async def as_token(web: Web, local: httpx.AsyncClient, *rights: str) -> httpx.AsyncClient:
    made = (await local.post("/api/v1/tokens", json={"name": "program", "rights": rights})).json()
    client = browser(web)
    client.headers["authorization"] = f"Bearer {made['token']}"
    return client


async def refuse_event(local: httpx.AsyncClient) -> str:
    """An event that is refused with a reason that quotes a value of it: its letter."""
    key = (await local.post("/api/v1/sources", json={"name": "web"})).json()["write_key"]
    event = {"userId": "u", "event": "Seen", "timestamp": "planted-value", "writeKey": key}
    assert (await local.post("/v1/track", json=event)).status_code == 400
    (letter,) = (await local.get("/api/v1/dead-letters")).json()["items"]
    assert "planted-value" in letter["reason"]
    return str(letter["id"])


async def test_a_letter_that_is_refused_again_quotes_no_value(web: Web, local: httpx.AsyncClient) -> None:
    letter = await refuse_event(local)
    again = f"/api/v1/dead-letters/{letter}/replay"
    assert "planted-value" in (await local.post(again)).text
    async with await as_token(web, local, "see", "operate") as program:
        refused = await program.post(again)
        assert (refused.status_code, refused.json()["code"]) == (422, "capture.invalid_field")
        many = await program.post("/api/v1/dead-letters/replay", json={"all": True})
        assert [one["code"] for one in many.json()["refusals"]] == ["capture.invalid_field"]
        assert "planted-value" not in refused.text + many.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("goals/try", {"goal": "Calls", "person": {"by": {"email": "ada@example.org"}}}),
        ("goals/send_test", {"goal": "Calls", "person": {"by": {"email": "ada@example.org"}}}),
        ("goals/Calls/preview", {"kind": "email", "value": "ada@example.org"}),
    ],
)
async def test_nobody_is_looked_up_by_a_value(
    web: Web, local: httpx.AsyncClient, path: str, body: dict[str, object]
) -> None:
    goal = {"kind": "call", "name": "Calls", "settings": {"when": "event", "events": ["Came"], "url": "/"}}
    connection = {"name": "Shop", "connector": "http", "settings": {"endpoint": "https://api.example.org"}}
    made = await local.post("/api/v1/connections", json={**connection, "goals": [goal]})
    assert made.status_code == 201, made.text
    async with await as_token(web, local, "see", "activate") as program:
        refused = await program.post(f"/api/v1/connections/Shop/{path}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "api.missing_right")


def test_reasons_and_sums_are_values_of_people() -> None:
    plan = plan_of(Trace)["events"].plan
    assert plan["unify"]["message"] == plan["activate"].plan["message"] == "hide"
    assert plan_of(ProfileView)["revenue"] == "hide"
