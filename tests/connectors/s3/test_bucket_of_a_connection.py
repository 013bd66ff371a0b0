"""The bucket of a Braze connection: chosen from a live list, tried before it is kept, never half kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.runtime.client import open_client
from onefold.testing.s3_server import S3Identity, S3Server
from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

URL = "/api/v1/connections"


@pytest.fixture(scope="module")
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        yield sandbox


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        yield client


def s3(server: S3Server, identity: S3Identity | None = None, bucket: str = "") -> dict[str, Any]:
    who = identity or server.admin
    settings = {"s3_access_key_id": who.access_key_id, "s3_endpoint": server.url}
    if bucket:
        settings["s3_bucket"] = bucket
    return {"settings": settings, "secrets": {"s3_secret_access_key": who.secret_access_key}}


def trial(braze: BrazeSandbox, bucket: dict[str, Any]) -> dict[str, Any]:
    return {
        "connector": "braze",
        "settings": {"endpoint": braze.url, **bucket["settings"]},
        "secrets": {"api_key": braze.api_key, **bucket["secrets"]},
    }


def probes(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return {probe["name"]: probe for probe in answer.json()["probes"]}


def test_buckets_are_listed_before_anything_is_kept(api: httpx.Client, s3_server: S3Server) -> None:
    for name in ("braze-exports", "other-things"):
        s3_server.client().create_bucket(Bucket=name)
    query = {"connector": "braze", "field": "s3_bucket", **s3(s3_server)}
    page = api.post(f"{URL}/options", json=query).json()
    assert {"braze-exports", "exports", "other-things"} <= {option["value"] for option in page["items"]}
    assert page["next_cursor"] is None
    found = api.post(f"{URL}/options", json={**query, "search": "BRAZE"}).json()
    assert [option["value"] for option in found["items"]] == ["braze-exports"]
    assert api.get(URL).json()["items"] == []


def test_the_catalogue_says_which_fields_have_a_live_list(api: httpx.Client) -> None:
    fields = {field["name"]: field for field in api.get("/api/v1/connectors/braze").json()["fields"]}
    assert [name for name, field in fields.items() if field.get("is_listed")] == ["s3_bucket"]
    assert "https://rest.fra-01.braze.eu" in fields["endpoint"]["suggestions"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"secrets": {"s3_secret_access_key": "wrong"}}, 502, "connection.s3.credentials"),
        ({"secrets": {}}, 502, "connection.s3.incomplete"),
        ({"field": "endpoint"}, 422, "connection.invalid"),
        ({"field": "s3_bucket", "goal_kind": "export"}, 422, "connection.invalid"),
        ({"settings": {"s3_endpoint": "ftp://x", "s3_access_key_id": "k"}}, 422, "connection.invalid"),
    ],
)
def test_why_there_is_no_list_is_told(
    api: httpx.Client, s3_server: S3Server, changes: dict[str, Any], status: int, code: str
) -> None:
    query = {"connector": "braze", "field": "s3_bucket", **s3(s3_server), **changes}
    answer = api.post(f"{URL}/options", json=query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert s3_server.admin.secret_access_key not in answer.text


def test_a_kept_secret_lists_only_at_its_own_address(
    api: httpx.Client, s3_server: S3Server, braze: BrazeSandbox
) -> None:
    made = api.post(URL, json={**trial(braze, s3(s3_server, bucket="exports")), "name": "Braze"})
    assert made.status_code == 201, made.text
    assert made.json()["secrets"] == {"api_key": "set", "s3_secret_access_key": "set"}
    page = api.post(f"{URL}/Braze/options", json={"field": "s3_bucket"}).json()
    assert "exports" in [option["value"] for option in page["items"]]
    elsewhere = {"field": "s3_bucket", "settings": {"s3_endpoint": "http://collector.example.com"}}
    refused = api.post(f"{URL}/Braze/options", json=elsewhere)
    assert refused.json()["field"] == "secrets.s3_secret_access_key"
    # Another bucket's address asks for the bucket's secret alone, another Braze's for the key alone.
    moved = api.patch(f"{URL}/Braze", json={"settings": {"endpoint": "https://rest.iad-01.braze.com"}})
    assert [problem["field"] for problem in moved.json()["problems"]] == ["secrets.api_key"]


def test_half_a_bucket_is_not_kept(api: httpx.Client, braze: BrazeSandbox) -> None:
    body = {**trial(braze, {"settings": {"s3_bucket": "exports"}, "secrets": {}}), "name": "Braze"}
    answer = api.post(URL, json=body)
    assert {problem["field"] for problem in answer.json()["problems"]} == {
        "settings.s3_access_key_id",
        "secrets.s3_secret_access_key",
    }
    assert api.get(URL).json()["items"] == []


def test_a_key_that_may_only_read_is_all_that_is_needed_and_nothing_is_written(
    api: httpx.Client, s3_server: S3Server, braze: BrazeSandbox
) -> None:
    s3_server.client().put_object(Bucket="exports", Key="segment/1.zip", Body=b"zip")
    reader = s3(s3_server, s3_server.reader, "exports")
    found = probes(api.post(f"{URL}/test", json=trial(braze, reader)))
    assert (found["s3.list"]["passed"], found["s3.read"]["passed"]) == (True, True)
    assert {name for name in found if name.startswith("s3.")} == {"s3.list", "s3.read"}
    assert found["s3.list"]["needed"] is False
    kept = s3_server.client().list_objects_v2(Bucket="exports")["Contents"]
    assert [one["Key"] for one in kept if one["Key"].startswith("segment/")] == ["segment/1.zip"]
    empty = s3(s3_server, bucket="exports")
    empty["settings"]["s3_prefix"] = "nothing/"
    assert (
        "no object to try" in probes(api.post(f"{URL}/test", json=trial(braze, empty)))["s3.read"]["message"]
    )


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ((S3Identity("admin-key", "wrong"), "exports"), "the secret is not its own"),
        ((S3Identity("reader-key", "reader-secret"), "others"), "s3:ListBucket"),
        ((S3Identity("admin-key", "admin-secret"), "nowhere"), "no such bucket"),
    ],
)
def test_each_failure_has_its_remedy(
    api: httpx.Client, s3_server: S3Server, braze: BrazeSandbox, who: tuple[S3Identity, str], words: str
) -> None:
    identity, bucket = who
    answer = api.post(f"{URL}/test", json=trial(braze, s3(s3_server, identity, bucket)))
    found = probes(answer)
    assert found["s3.list"]["passed"] is False
    assert words in found["s3.list"]["message"]
    assert "s3.read" not in found
    assert answer.json()["passed"] is True  # no goal needs the bucket
