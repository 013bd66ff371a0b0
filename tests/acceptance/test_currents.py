"""What Braze tells comes back as events on profiles: files in a bucket and pushes, whatever is killed."""

import io
import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fastavro
import pytest

from onefold.sandbox.braze.currents_schema import avro_schema, complete
from onefold.testing.s3_server import READABLE_BUCKET, S3Server, run_s3_server
from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

OPEN, CLICK = "users.messages.email.Open", "users.messages.email.Click"
FILES, EVENTS = 360, 200
"""So many that a run is killed twice as a rule, even where it goes on during a slow restart."""


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with run_s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        sandbox.track(attributes=[{"external_id": "ada", "email": "ada@x.org"}])
        sandbox.control("POST", "campaigns", {"id": "c1", "name": "Welcome"})
        sandbox.flush()
        yield sandbox


def connect(server: Any, url: str, store: S3Server, folder: str, **settings: Any) -> None:
    """A connection whose goal `Engagement` reads a folder, off."""
    body = {
        "name": "Braze",
        "connector": "braze",
        "settings": {
            "endpoint": url,
            "s3_bucket": READABLE_BUCKET,
            "s3_endpoint": store.url,
            "s3_access_key_id": store.reader.access_key_id,
        },
        "secrets": {"api_key": DEFAULT_KEY, "s3_secret_access_key": store.reader.secret_access_key},
        "goals": [{"kind": "currents", "name": "Engagement", "settings": {"folder": folder, **settings}}],
    }
    server.api("POST", "/connections", body)


def to_bucket(braze: BrazeSandbox, bucket: S3Server, folder: str) -> None:
    s3 = {
        "bucket": READABLE_BUCKET,
        "access_key_id": bucket.admin.access_key_id,
        "secret_access_key": bucket.admin.secret_access_key,
        "endpoint_url": bucket.url,
    }
    braze.change_settings(s3=s3, currents={"kind": "bucket", "prefix": folder})


def read(server: Any) -> Any:
    run = server.cli("connections", "goals", "import", "Braze", "Engagement")
    server.wait_folded()
    return run


def opens(braze: BrazeSandbox, waiting: Callable[..., Any], **fields: object) -> None:
    """Ada opens a mail, and Braze tells of it."""
    told = {"email_address": "ada@x.org", "campaign_id": "c1", "campaign_name": "Welcome", **fields}
    braze.control("POST", "currents", {"event_type": OPEN, "external_id": "ada", "fields": told})
    braze.flush()
    wait_told(braze, waiting)


def wait_told(braze: BrazeSandbox, waiting: Callable[..., Any]) -> None:
    def is_told() -> bool:
        seen = braze.control("GET", "currents")
        return bool(seen["delivered"] == seen["emitted"])

    waiting(is_told, "Braze has told all")


def events(server: Any, user_id: str = "ada") -> Any:
    return server.api("GET", f"/profiles/by/user_id/{user_id}")["events"]


def test_files_become_events_of_people_once(
    server: Any, braze: BrazeSandbox, bucket: S3Server, waiting: Callable[..., Any]
) -> None:
    to_bucket(braze, bucket, "once")
    connect(server, braze.url, bucket, "once")
    opens(braze, waiting)
    opens(braze, waiting, machine_open="true")
    braze.add_fault("currents_duplicate", next=1)
    opens(braze, waiting)
    braze.add_fault("currents_added_field", next=1)
    opens(braze, waiting)
    braze.control("POST", "currents/test", {"count": 12})
    braze.flush()
    wait_told(braze, waiting)

    run = read(server)
    assert (run["state"], run["rejected"]) == ("succeeded", 0), run
    assert run["filtered"] == 12, "test events are left out"
    assert events(server) == {"Email Opened": 3, "Email Opened by Machine": 1}
    assert read(server)["message"] == "Nothing to do: there is no new file."
    opens(braze, waiting)
    assert read(server)["passed"] == 1
    assert events(server)["Email Opened"] == 4

    person = server.api("GET", "/profiles/by/user_id/ada")
    braze_id = (braze.user("ada") or {})["braze_id"]
    assert person["identifiers"]["braze_id"] == [braze_id]
    (source,) = [one for one in server.api("GET", "/sources")["items"] if one["kind"] == "braze-currents"]
    assert source["name"] == "currents:Braze"
    # Renamed or not, it stays the source of the connection: what was read is known by it.
    server.api("PATCH", "/connections/Braze", {"name": "Braze EU"})
    run = server.cli("connections", "goals", "import", "Braze EU", "Engagement")
    assert run["message"].startswith("Nothing to do")
    assert server.run("replay").stdout.startswith("Equal")


def test_what_braze_tells_is_not_sent_back(
    server: Any, braze: BrazeSandbox, bucket: S3Server, waiting: Callable[..., Any]
) -> None:
    to_bucket(braze, bucket, "loop")
    connect(server, braze.url, bucket, "loop")
    server.api("POST", "/connections/Braze/goals", {"kind": "events", "name": "All", "enabled": True})
    key = server.write_key()
    assert server.send(key, "/v1/track", {"userId": "ada", "event": "Viewed", "messageId": "m1"}) == 200
    waiting(lambda: goal(server)["passed"] == 1, "the event is sent")
    opens(braze, waiting)
    # Of what Onefold sends, Braze tells as well: an echo.
    told = braze.control("GET", "currents")
    assert told["delivered"] == 2, told
    run = read(server)
    assert (run["passed"], run["filtered"]) == (1, 1), run
    waiting(lambda: goal(server)["filtered"] == 1, "the goal has seen the open")
    assert [one["code"] for one in goal(server)["reasons"]] == ["activate.own_event"]
    assert goal(server)["passed"] == 1
    names = {one["name"] for one in (braze.user("ada") or {})["custom_events"]}
    assert names == {"Viewed"}


def goal(server: Any) -> Any:
    return server.api("GET", "/connections/Braze/goals/All")["counts"]


def put_files(bucket: S3Server, folder: str) -> None:
    """Many files: every event of another person, a part of them twice."""
    client = bucket.client()
    now = datetime.now(UTC)
    for number in range(FILES):
        hour = now - timedelta(hours=(FILES - number) // 8)
        records = [
            complete(
                OPEN,
                {
                    "id": f"{number // 2 if event < EVENTS // 2 else number}-{event}",
                    "user_id": f"{event % 50:024x}",
                    "external_user_id": f"u{event % 50}",
                    "time": int(hour.timestamp()),
                },
            )
            for event in range(EVENTS)
        ]
        buffer = io.BytesIO()
        fastavro.writer(buffer, avro_schema(OPEN), records)
        part = f"event_type={OPEN}/date={hour:%Y-%m-%d-%H}/version=1/us-01"
        key = f"{folder}/x.integration.1/{part}/{number}.avro"
        client.put_object(Bucket=READABLE_BUCKET, Key=key, Body=buffer.getvalue())


def different() -> int:
    """How many different events the files hold."""
    half = EVENTS // 2
    return len({number // 2 for number in range(FILES)}) * half + FILES * (EVENTS - half)


@pytest.mark.timeout(400)
@pytest.mark.xdist_group("import_kills")
def test_runs_that_are_killed_lose_nothing_and_double_nothing(
    server: Any, bucket: S3Server, waiting: Callable[..., Any]
) -> None:
    put_files(bucket, "kills")
    connect(server, "http://127.0.0.1:1", bucket, "kills")
    run = server.api("POST", "/connections/Braze/goals/Engagement/import", {})

    def seen() -> Any:
        return server.api("GET", f"/runs/{run['id']}")

    kills, before = 0, 0
    for role in ("tasks", "web", "tasks", "worker", "tasks"):
        now = waiting(lambda at=before: ((one := seen())["passed"] > at and one) or (one["ended_at"] and one),
                      "the run comes further")  # fmt: skip
        if now["ended_at"]:
            break
        before = now["passed"]
        server.kill(role)
        kills += 1
    assert kills, "it was too quick to be killed"
    ended = server.wait_run(run["id"])
    assert (ended["state"], ended["passed"], ended["rejected"]) == ("succeeded", FILES * EVENTS, 0), ended
    server.wait_folded()
    counts = [events(server, f"u{number}")["Email Opened"] for number in range(50)]
    assert sum(counts) == different()
    assert read(server)["message"].startswith("Nothing to do")


def test_a_broken_file_costs_the_others_nothing(server: Any, bucket: S3Server) -> None:
    connect(server, "http://127.0.0.1:1", bucket, "broken")
    now = datetime.now(UTC)
    for number, content in enumerate((b"no avro", good_file("u1"), good_file("u2")[:-7])):
        key = f"broken/event_type={OPEN}/date={now - timedelta(hours=3 - number):%Y-%m-%d-%H}/{number}.avro"
        bucket.client().put_object(Bucket=READABLE_BUCKET, Key=key, Body=content)
    run = read(server)
    assert (run["state"], run["passed"], run["rejected"]) == ("succeeded", 1, 2), run
    letters = server.cli("dead-letters", "list")["items"]
    assert {(one["code"], one["subject"]) for one in letters} == {
        ("acquire.braze.broken_file", "0.avro"),
        ("acquire.braze.broken_file", "2.avro"),
    }


def good_file(user_id: str) -> bytes:
    record = complete(OPEN, {"id": f"e-{user_id}", "user_id": "0" * 24, "external_user_id": user_id,
                             "time": int(datetime.now(UTC).timestamp())})  # fmt: skip
    buffer = io.BytesIO()
    fastavro.writer(buffer, avro_schema(OPEN), [record])
    return buffer.getvalue()


def test_what_cannot_be_reached_is_said(server: Any, bucket: S3Server) -> None:
    connect(server, "http://127.0.0.1:1", bucket, "x", bucket="nobodys")
    run = server.api("POST", "/connections/Braze/goals/Engagement/import", {})
    ended = server.wait_run(run["id"])
    assert ended["state"] == "failed"
    assert "[connection.s3." in ended["message"]


def test_a_goal_that_is_on_reads_by_itself(
    server: Any, bucket: S3Server, waiting: Callable[..., Any]
) -> None:
    connect(server, "http://127.0.0.1:1", bucket, "by-itself", every_minutes=1)
    key = f"by-itself/event_type={OPEN}/date={datetime.now(UTC):%Y-%m-%d-%H}/1.avro"
    bucket.client().put_object(Bucket=READABLE_BUCKET, Key=key, Body=good_file("eve"))
    server.cli("connections", "goals", "on", "Braze", "Engagement")
    waiting(lambda: server.api("GET", "/runs")["items"], "a run is asked for at a full minute", timeout_s=90)
    (run,) = server.api("GET", "/runs")["items"]
    assert (run["kind"], run["by"]) == ("feedback", "onefold")
    assert server.wait_run(run["id"])["passed"] == 1


def push_to(server: Any, braze: BrazeSandbox, token: str, **settings: Any) -> None:
    url = f"http://127.0.0.1:{server.port}/v1/currents"
    braze.change_settings(currents={"kind": "http", "url": url, "token": token, **settings})


def source_key(server: Any, name: str = "Braze engagement") -> str:
    return str(server.cli("sources", "create", name, "--kind", "braze-currents")["write_key"])


def test_pushes_become_events_of_people_once(
    server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    push_to(server, braze, source_key(server))
    opens(braze, waiting)
    braze.add_fault("currents_duplicate", next=1)
    opens(braze, waiting)
    braze.control("POST", "currents/test", {"count": 5})
    braze.flush()
    waiting(lambda: braze.control("GET", "currents")["delivered"] == 7, "Braze has told")
    server.wait_folded()
    assert events(server) == {"Email Opened": 2}
    assert "acquire.braze.test_event" in str(server.cli("flow"))


def test_mails_that_a_person_opened_are_known_and_sent_as_a_field(
    server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    body = {
        "name": "Braze",
        "connector": "braze",
        "settings": {"endpoint": braze.url},
        "secrets": {"api_key": DEFAULT_KEY},
    }
    server.api("POST", "/connections", body)
    rows = ("--map", "mails_seen=interactions:email:30", "--map", "saw_welcome=interaction:c1")
    server.cli("connections", "goals", "add", "Braze", "export", *rows, "--on")
    push_to(server, braze, source_key(server))
    opens(braze, waiting, machine_open="true")
    server.wait_folded()
    assert server.api("GET", "/profiles/by/user_id/ada")["interactions"] == [], "a mail program saw it"
    braze.add_fault("currents_duplicate", next=1)
    opens(braze, waiting)
    opens(braze, waiting)
    server.wait_folded()
    (seen,) = server.api("GET", "/profiles/by/user_id/ada")["interactions"]
    assert (seen["channel"], seen["id"], seen["name"], seen["kind"]) == ("email", "c1", "Welcome", "campaign")
    assert seen["count"] == 2

    def fields() -> Any:
        braze.flush()
        return (braze.user("ada") or {})["custom_attributes"]

    wanted = {"mails_seen": ["Welcome"], "saw_welcome": True}
    waiting(lambda: fields() == wanted, "Braze holds what its own mails were seen")
    assert server.run("replay").stdout.startswith("Equal")


def test_a_server_that_is_away_is_told_later(
    server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    push_to(server, braze, source_key(server))
    opens(braze, waiting)
    # Not server.kill: it waits until the next process is up, so nobody would be away.
    os.kill(server.pid_of("web"), signal.SIGKILL)
    opens(braze, waiting)
    server.wait_folded()
    assert events(server) == {"Email Opened": 2}


def test_a_wrong_key_stops_the_connector_until_it_is_mended(
    server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    push_to(server, braze, server.write_key())
    told = {"email_address": "ada@x.org"}
    braze.control("POST", "currents", {"event_type": OPEN, "external_id": "ada", "fields": told})
    braze.flush()
    waiting(lambda: braze.control("GET", "currents")["is_paused"], "Braze has stopped")
    assert "403" in str(braze.control("GET", "currents")["error"])
    push_to(server, braze, source_key(server))
    braze.flush()
    opens(braze, waiting)
    waiting(lambda: braze.control("GET", "currents")["delivered"] == 2, "Braze has told all")
    server.wait_folded()
    assert events(server) == {"Email Opened": 2}


def test_files_without_a_server(offline: Callable[..., Any], bucket: S3Server, tmp_path: Path) -> None:
    """The command does it all in its own process."""
    here = offline(tmp_path / "data")
    key = f"offline/event_type={OPEN}/date={datetime.now(UTC):%Y-%m-%d-%H}/1.avro"
    bucket.client().put_object(Bucket=READABLE_BUCKET, Key=key, Body=good_file("eve"))
    here.cli("connections", "create", "Braze", "--connector", "braze", "--set", "endpoint=http://127.0.0.1:1",
             "--set", f"s3_bucket={READABLE_BUCKET}", "--set", f"s3_endpoint={bucket.url}",
             "--set", f"s3_access_key_id={bucket.reader.access_key_id}", "--secret", "api_key=k",
             "--secret", f"s3_secret_access_key={bucket.reader.secret_access_key}")  # fmt: skip
    here.cli("connections", "goals", "add", "Braze", "currents", "--set", "folder=offline")
    assert here.cli("connections", "goals", "import", "Braze", "currents")["passed"] == 1
    assert here.cli("connections", "goals", "import", "Braze", "currents")["passed"] == 0
    assert here.cli("profiles", "show", "user_id", "eve")["events"] == {"Email Opened": 1}
