"""Import goals, over sockets: the people of a Braze segment come in, each row once, whatever is killed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from onefold.testing.mail_server import Inbox, mail_server
from onefold.testing.s3_server import READABLE_BUCKET, run_s3_server
from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

PEOPLE = 30_000
INTAKE = {
    "identifiers": [
        {"field": "external_id", "identifier": "user_id"},
        {"field": "email", "identifier": "email"},
    ],
    "create": True,
    "rows": [
        {"field": "plan", "trait": "plan"},
        {"field": "points", "trait": "points", "strategy": "sum"},
        {"field": "tags", "trait": "tags", "strategy": "add"},
        {"field": "city", "trait": "city", "strategy": "clear"},
        {
            "field": "first_name",
            "trait": "name",
            "strategy": "set_if_empty",
            "transforms": [{"kind": "trim"}],
        },
    ],
    "remaining": {"strategy": "set", "prefix": "braze_"},
}


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0, segment_export_delay_ms=50) as sandbox:
        yield sandbox


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    """Of a mail server that the server knows."""
    inbox = Inbox()
    with mail_server(inbox) as port:
        (tmp_path / "data").mkdir()
        settings = f'[mail]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'
        (tmp_path / "data" / "onefold.toml").write_text(settings)
        yield inbox


def segment(braze: BrazeSandbox, **definition: Any) -> str:
    return str(braze.control("POST", "segments", {"name": "Loyalty", **definition})["id"])


def connect(server: Any, braze: BrazeSandbox, audience: str, **changes: Any) -> None:
    goal = {
        "kind": "import",
        "name": "Loyal",
        "settings": {"audience": audience},
        "intake": {**INTAKE, **changes},
    }
    body = {
        "name": "Braze",
        "connector": "braze",
        "settings": {"endpoint": braze.url},
        "secrets": {"api_key": DEFAULT_KEY},
        "goals": [goal],
    }
    server.api("POST", "/connections", body)


def bring_in(server: Any, *flags: str) -> Any:
    return server.cli("connections", "goals", "import", "Braze", "Loyal", *flags)


def profile(server: Any, user_id: str) -> Any:
    return server.api("GET", f"/profiles/by/user_id/{user_id}")


def known(braze: BrazeSandbox) -> None:
    braze.track(
        attributes=[
            {"external_id": "ada", "email": "Ada@x.org", "first_name": " Ada ", "plan": "pro", "points": 5,
             "tags": ["a", "b"], "home_city": "Paris", "shoe": 41},
            {"external_id": "bob", "plan": "free", "points": 2, "city": "Rome"},
        ]
    )  # fmt: skip
    braze.flush()


def test_each_strategy_does_what_it_says(server: Any, braze: BrazeSandbox) -> None:
    key = server.write_key()
    before = {"plan": "free", "points": 10, "tags": ["z"], "city": "Berlin", "name": "A."}
    assert server.send(key, "/v1/identify", {"userId": "ada", "traits": before}) == 200
    server.wait_folded()
    known(braze)
    connect(server, braze, segment(braze))

    preview = bring_in(server, "--preview")["preview"]
    told = {name: preview[name] for name in ("rows", "matched", "new", "unmatched", "rejected", "is_whole")}
    assert told == {"rows": 2, "matched": 1, "new": 1, "unmatched": 0, "rejected": 0, "is_whole": True}
    assert profile(server, "ada")["traits"]["plan"] == "free", "a preview changes nothing"

    run = bring_in(server)
    assert (run["state"], run["passed"], run["rejected"]) == ("succeeded", 2, 0), run
    server.wait_folded()
    ada = profile(server, "ada")
    traits = ada["traits"]
    assert {name: traits.get(name) for name in before} == {
        "plan": "pro",
        "points": 15,
        "tags": ["z", "a", "b"],
        "city": None,
        "name": "A.",
    }
    assert traits["braze_shoe"] == 41
    assert traits["braze_home_city"] == "Paris"
    assert ada["identifiers"]["email"] == ["ada@x.org"]
    runs = {one["name"]: one["run_ids"] for one in ada["trait_details"]}
    assert runs["plan"] == runs["points"] == [run["id"]]
    bob = profile(server, "bob")
    assert (bob["traits"]["points"], bob["traits"]["city"], bob["last_seen"]) == (2, "Rome", None)
    assert bob["events"] == {}, "standing in a list is nothing that one did"

    # A sum counts again with the next run, and only then; what is new is said by the people themselves.
    assert server.send(key, "/v1/identify", {"userId": "ada", "traits": {"plan": "team"}}) == 200
    server.wait_folded()
    bring_in(server)
    server.wait_folded()
    assert profile(server, "ada")["traits"]["points"] == 20
    assert server.run("replay").stdout.startswith("Equal")


def test_nobody_new_is_made_unless_allowed(server: Any, braze: BrazeSandbox) -> None:
    key = server.write_key()
    assert server.send(key, "/v1/identify", {"userId": "ada", "traits": {}}) == 200
    server.wait_folded()
    known(braze)
    connect(server, braze, segment(braze), create=False)
    preview = bring_in(server, "--preview")["preview"]
    assert (preview["matched"], preview["new"], preview["unmatched"]) == (1, 0, 1)
    bring_in(server)
    server.wait_folded()
    assert [one["identifiers"]["user_id"] for one in server.api("GET", "/profiles")["items"]] == [["ada"]]
    flow = server.cli("flow")
    assert "unify.unknown_person" in str(flow)


def test_what_can_be_chosen_is_asked_of_braze(server: Any, braze: BrazeSandbox) -> None:
    known(braze)
    ids = [segment(braze, name=f"Segment {number:03}") for number in range(120)]
    connect(server, braze, ids[0])
    found = server.cli("connections", "goals", "audiences", "Braze", "--search", "segment 11")["items"]
    assert [one["name"] for one in found] == [f"Segment {number}" for number in range(110, 120)]
    page = server.api("GET", "/connections/Braze/audiences?limit=70")
    rest = server.api("GET", f"/connections/Braze/audiences?limit=70&cursor={page['next_cursor']}")
    assert [one["id"] for one in page["items"] + rest["items"]] == ids
    assert rest["next_cursor"] is None
    fields = {one["name"]: one for one in server.cli("connections", "goals", "fields", "Braze")["items"]}
    assert fields["external_id"]["is_identifier"]
    assert fields["points"]["type"] == "number"
    assert "alias:onefold_id" in fields


def test_what_braze_or_the_mapping_lacks_is_said(server: Any, braze: BrazeSandbox) -> None:
    known(braze)
    connect(server, braze, "no-such-segment")
    assert bring_in_fails(server)["code"] == "acquire.braze.refused"
    bad = {**INTAKE, "rows": [{"field": "x", "trait": "x", "transforms": [{"kind": "date", "zone": "Mars"}]}]}
    answer = server.api("PATCH", "/connections/Braze/goals/Loyal", {"intake": bad}, status=422)
    assert [one["field"] for one in answer["problems"]] == ["intake.rows.0.transforms"]


def bring_in_fails(server: Any) -> dict[str, str]:
    """The end of a run that failed: its code stands in brackets at the end of its message."""
    run = server.api("POST", "/connections/Braze/goals/Loyal/import", {})
    ended = server.wait_run(run["id"])
    assert ended["state"] == "failed", ended
    return {"code": ended["message"].rpartition("[")[2].rstrip("]")}


@pytest.mark.timeout(400)
@pytest.mark.xdist_group("import_kills")
def test_a_run_that_is_killed_goes_on_with_its_export(
    server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    braze.control("POST", "people", {"count": PEOPLE, "custom": {"points": 3}})
    connect(server, braze, segment(braze), remaining=None)
    run = server.api("POST", "/connections/Braze/goals/Loyal/import", {})

    def passed() -> int:
        return int(server.api("GET", f"/runs/{run['id']}")["passed"])

    kills, before = 0, 0
    for role in ("tasks", "web", "worker", "tasks"):
        waiting(lambda at=before: passed() > at or passed() == PEOPLE, "the import comes further or ends")
        before = passed()
        if before == PEOPLE:
            break
        server.kill(role)
        kills += 1
        before = passed()
    assert kills, "it was too quick to be killed"
    ended = server.wait_run(run["id"])
    assert (ended["state"], ended["passed"]) == ("succeeded", PEOPLE), ended
    server.wait_folded()
    everyone = server.api("GET", "/profiles?limit=1000")["items"]
    assert {one["traits"]["points"] for one in everyone} == {3}, "each row counts once"
    exports = [one for one in braze.journal() if str(one["path"]).endswith("/users/export/segment")]
    assert len(exports) == 1


def asked(server: Any) -> list[Any]:
    """Runs of the goal, oldest first."""
    return list(reversed(server.api("GET", "/runs?connection=Braze&goal=Loyal")["items"]))


def test_an_import_runs_at_its_time_once_and_is_told(
    inbox: Inbox, server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    known(braze)
    connect(server, braze, segment(braze))
    server.cli("connections", "update", "Braze", "--notify", "ops@example.org", "--notify-when", "every")
    server.cli("connections", "goals", "on", "Braze", "Loyal")
    server.cli("connections", "goals", "update", "Braze", "Loyal", "--schedule", "cron * * * * *")
    (goal,) = server.cli("connections", "goals", "list", "Braze")["items"]
    assert goal["next_run"][17:19] == "00"
    server.kill("web")  # what is asked for, and when, is known to the file alone
    # The next full minute is up to a minute away.
    first = waiting(lambda: asked(server), "its time comes", timeout_s=100)[0]
    server.kill("tasks")
    run = server.wait_run(first["id"])
    assert (run["state"], run["passed"], run["trigger"]) == ("succeeded", 2, "schedule"), run
    assert (run["due_at"][17:19], run["connection"], run["goal"]) == ("00", "Braze", "Loyal")
    server.cli("connections", "goals", "update", "Braze", "Loyal", "--schedule", "by hand")
    waiting(lambda: all(one["ended_at"] for one in asked(server)), "what was begun ends")
    server.wait_folded()
    times = [one["due_at"] for one in asked(server)]
    assert len(times) == len(set(times)), "a time runs once"
    sums = profile(server, "ada")["traits"]["points"]
    assert sums == 5 * len([one for one in asked(server) if one["state"] == "succeeded"])
    mail = waiting(lambda: inbox.mails, "a mail arrives")[0]
    assert mail["subject"] == "[Onefold] Braze, Loyal: succeeded"
    assert run["id"] in mail.get_content()


def test_runs_of_one_import_go_one_after_the_other(
    server: Any, braze: BrazeSandbox, waiting: Callable[..., Any]
) -> None:
    known(braze)
    # Busy for a while: another export of the segment runs.
    audience = segment(braze)
    connect(server, braze, audience)
    braze.add_fault("status", status=429, path="/users/export/segment")
    first = server.api("POST", "/connections/Braze/goals/Loyal/import", {})
    waiting(lambda: asked(server)[0]["state"] == "running", "the first run begins")
    skipped = server.api("POST", "/connections/Braze/goals/Loyal/import", {})
    left_out = server.wait_run(skipped["id"])
    assert (left_out["state"], left_out["code"]) == ("skipped", "acquire.run_overlap"), left_out
    schedule = {"rule": {"kind": "by_hand"}, "overlap": "queue"}
    server.api("PATCH", "/connections/Braze/goals/Loyal", {"schedule": schedule})
    second = server.api("POST", "/connections/Braze/goals/Loyal/import", {})
    third = server.api("POST", "/connections/Braze/goals/Loyal/import", {})
    assert server.wait_run(third["id"])["state"] == "skipped", "one at most waits"
    assert [one["state"] for one in asked(server)] == ["running", "skipped", "queued", "skipped"]
    server.cli("runs", "cancel", second["id"])
    assert server.wait_run(second["id"])["state"] == "cancelled", "who waits need not wait for that"
    second = server.api("POST", "/connections/Braze/goals/Loyal/import", {})
    server.cli("runs", "cancel", first["id"])
    braze.clear_faults()
    assert server.wait_run(first["id"])["state"] == "cancelled"
    assert server.wait_run(second["id"])["state"] == "succeeded"


def test_a_broken_line_becomes_a_dead_letter_and_the_others_go_on(server: Any, braze: BrazeSandbox) -> None:
    known(braze)
    connect(server, braze, segment(braze))
    braze.add_fault("export_broken_line", next=1)
    run = bring_in(server)
    assert (run["state"], run["passed"], run["rejected"]) == ("succeeded", 1, 1), run
    (letter,) = server.cli("dead-letters", "list")["items"]
    assert (letter["code"], letter["subject"]) == ("acquire.bad_row", f"row 2 of {run['id']}")


def test_a_file_that_has_expired_ends_the_run_with_what_to_do(server: Any, braze: BrazeSandbox) -> None:
    known(braze)
    connect(server, braze, segment(braze))
    braze.add_fault("export_expired_url", next=1)
    assert bring_in_fails(server)["code"] == "acquire.braze.expired"


def test_a_bucket_gives_every_file_of_the_export(server: Any, tmp_path: Path) -> None:
    folder = tmp_path / "s3"
    folder.mkdir()
    with run_s3_server(folder) as s3:
        admin, reader = s3.admin, s3.reader
        bucket = {
            "bucket": READABLE_BUCKET,
            "endpoint_url": s3.url,
            "folder": "braze",
            "access_key_id": admin.access_key_id,
            "secret_access_key": admin.secret_access_key,
        }
        with braze_sandbox(delay_ms=0, jitter_ms=0, segment_export_delay_ms=50, s3=bucket) as braze:
            braze.control("POST", "people", {"count": 12_000, "custom": {"points": 3}})
            connect(server, braze, segment(braze), remaining=None)
            settings = {
                "s3_access_key_id": reader.access_key_id,
                "s3_bucket": READABLE_BUCKET,
                "s3_endpoint": s3.url,
                "s3_prefix": "braze/",
            }
            secrets = {"s3_secret_access_key": reader.secret_access_key}
            server.api("PATCH", "/connections/Braze", {"settings": settings, "secrets": secrets})
            server.api("PATCH", "/connections/Braze/goals/Loyal", {"settings": {"settle_s": 2}})
            run = bring_in(server)
        files = s3.client().list_objects_v2(Bucket=READABLE_BUCKET)["Contents"]
    assert (run["state"], run["passed"], run["rejected"]) == ("succeeded", 12_000, 0), run
    assert len(files) > 1, "the export came in several files"
    server.wait_folded()
    everyone = server.api("GET", "/profiles?limit=1000")["items"]
    assert {one["traits"]["points"] for one in everyone} == {3}
