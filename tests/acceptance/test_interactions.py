"""What people see on the site: kept on their profile, shown, sent to Braze, and gone with the person."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from onefold.testing.sandbox import BrazeSandbox, braze_sandbox


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0, rate_profile="off") as sandbox:
        yield sandbox


def test_what_people_see_reaches_their_profile_and_braze(
    tmp_path: Path, server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(braze.api_key)
    server.cli(
        *("connections", "create", "Braze", "--connector", "braze", "--set", f"endpoint={braze.url}"),
        *("--secret", f"api_key=@{key_file}"),
    )
    rows = ("seen=interactions:all", "banners=interactions:site:7:ids", "saw_spring=interaction:spring")
    words = [word for row in rows for word in ("--map", row)]
    server.cli("connections", "goals", "add", "Braze", "export", *words, "--on")
    write_key = server.write_key()
    count = 0

    def views(who: dict[str, str], **properties: object) -> None:
        nonlocal count
        count += 1
        event = {**who, "event": "Interaction Viewed", "messageId": f"v{count}", "properties": properties}
        for _ in range(2):  # a client that got no answer sends again
            assert server.send(write_key, "/v1/track", event) == 200

    def fields(name: str) -> Any:
        braze.flush()
        user = braze.user(name)
        return None if user is None else user["custom_attributes"]

    views(
        {"anonymousId": "phone"}, interaction_id="spring", name="Spring sale", channel="site", kind="banner"
    )
    views({"userId": "ada"}, interaction_id="faq", name="Questions", channel="app")
    views({"userId": "ada"}, name="Nobody knows which")
    wanted = {"seen": ["Questions"], "saw_spring": False}
    waiting(lambda: fields("ada") == wanted, "what she saw while known arrives")

    known = {"userId": "ada", "anonymousId": "phone", "messageId": "i1", "traits": {}}
    assert server.send(write_key, "/v1/identify", known) == 200
    wanted = {"seen": ["Questions", "Spring sale"], "banners": ["spring"], "saw_spring": True}
    waiting(lambda: fields("ada") == wanted, "what she saw before is hers, too")

    profile = server.api("GET", "/profiles/by/user_id/ada")
    saw = [(one["channel"], one["id"], one["kind"], one["count"]) for one in profile["interactions"]]
    assert saw == [("app", "faq", "", 1), ("site", "spring", "banner", 1)]
    assert profile["events"]["Interaction Viewed"] == 3
    assert "site spring" in server.run("profiles", "show", "user_id", "ada").stdout
    assert server.cli("dead-letters", "list")["items"] == [], "one that tells too little is no dead letter"
    assert server.run("replay").stdout.startswith("Equal")

    asked = server.api("DELETE", "/profiles/by/user_id/ada")
    assert server.wait_run(asked["id"])["state"] == "succeeded"
    assert server.api("GET", "/profiles")["items"] == []
    assert server.run("replay").stdout.startswith("Equal")
