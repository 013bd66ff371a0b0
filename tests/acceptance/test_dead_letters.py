"""What was refused is kept, mended, replayed, and then counts like everything else."""

import json
from typing import Any


def test_a_refused_event_is_fixed_and_replayed(server: Any) -> None:
    write_key = server.write_key()
    bad = {"event": "", "userId": "u-1", "messageId": "bad-1", "timestamp": "2026-02-03T04:05:06Z"}
    assert server.send(write_key, "/v1/track", bad) == 400
    (letter,) = server.api("GET", "/dead-letters")["items"]
    assert (letter["stage"], letter["subject"], letter["state"]) == ("capture", "bad-1", "open")

    refused = server.api("POST", f"/dead-letters/{letter['id']}/replay", {}, status=422)
    assert refused["code"] == letter["code"]
    fixed = {"payload": json.dumps({**bad, "type": "track", "event": "Order Completed"})}
    server.api("POST", f"/dead-letters/{letter['id']}/replay", fixed)
    server.wait_folded()

    person = server.api("GET", "/profiles/by/user_id/u-1")
    assert person["events"] == {"Order Completed": 1}
    assert server.api("GET", f"/dead-letters/{letter['id']}")["state"] == "replayed"
    receipts = server.api("GET", "/trace/bad-1")["events"]
    assert receipts[-1]["capture"]["replay_of"] == letter["id"]


def test_discarded_letters_stay_told(server: Any) -> None:
    write_key = server.write_key()
    assert server.send(write_key, "/v1/track", {"event": "Seen"}) == 400
    (letter,) = server.api("GET", "/dead-letters")["items"]
    server.api("POST", f"/dead-letters/{letter['id']}/discard")
    assert server.api("GET", f"/dead-letters/{letter['id']}")["state"] == "discarded"
    lines = server.call(
        "GET", "/api/v1/dead-letters/export", None, {"authorization": f"Bearer {server.token}"}
    )[1].splitlines()
    assert [json.loads(line)["id"] for line in lines] == [letter["id"]]
