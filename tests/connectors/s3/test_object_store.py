"""The object store against a real S3 server that checks signatures."""

import contextlib
import datetime
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import botocore.auth
import msgspec
import pytest

from onefold.errors import ConnectorError, SetupError, ThrottledError, TransientError
from onefold.plugin.object_store import MissingObjectError, ObjectStore, S3Account, _error_for
from onefold.testing.s3_server import S3Identity, S3Server


def account(server: S3Server, identity: S3Identity | None = None, **changes: Any) -> S3Account:
    who = identity or server.admin
    made = S3Account(who.access_key_id, who.secret_access_key, "work", endpoint=server.url)
    return msgspec.structs.replace(made, **changes)


@pytest.fixture
def store(s3_server: S3Server) -> Iterator[ObjectStore]:
    client = s3_server.client()
    with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket="work")
    opened = ObjectStore(account(s3_server))
    yield opened
    for one in opened.list():
        client.delete_object(Bucket="work", Key=one.key)
    opened.close()


@pytest.fixture
def put(s3_server: S3Server) -> Callable[[str, bytes], None]:
    client = s3_server.client()
    return lambda key, content: client.put_object(Bucket="work", Key=key, Body=content)


def refusal(store: ObjectStore) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        list(store.list())
    store.close()
    return caught.value


def test_what_is_there_can_be_listed_and_read(store: ObjectStore, put: Callable[[str, bytes], None]) -> None:
    put("a/1.txt", b"hello")
    put("a/2.txt", b"x" * 2_000_000)
    put("b/3.txt", b"")
    found = list(store.list("a/"))
    assert [(one.key, one.size) for one in found] == [("a/1.txt", 5), ("a/2.txt", 2_000_000)]
    assert abs(found[0].modified_at / 1e6 - datetime.datetime.now(datetime.UTC).timestamp()) < 60
    assert [one.key for one in store.list(after="a/1.txt", count_max=1)] == ["a/2.txt"]
    with store.open("a/1.txt") as stream:
        assert stream.read() == b"hello"
    with store.open("a/1.txt", start=1, end=3) as stream:
        assert stream.read() == b"el"
    with store.open("a/2.txt", start=500_000) as stream:
        assert [len(piece) for piece in stream] == [1 << 20, 1_500_000 - (1 << 20)]
        assert stream.position == 1_500_000
    with pytest.raises(MissingObjectError):
        store.open("a/nobody")


def test_a_long_listing_comes_whole(store: ObjectStore, put: Callable[[str, bytes], None]) -> None:
    for number in range(1010):
        put(f"many/{number:04}", b"")
    assert [one.key for one in store.list("many/")] == [f"many/{number:04}" for number in range(1010)]
    assert len(list(store.list("many/", count_max=1005))) == 1005
    assert len(list(store.list("many/", after="many/0003", count_max=2000))) == 1006


def test_every_bucket_that_the_keys_may_see_is_listed(store: ObjectStore, s3_server: S3Server) -> None:
    assert {"exports", "work"} <= set(store.buckets())
    assert ObjectStore(account(s3_server, s3_server.reader)).buckets() == ["exports"]


@pytest.mark.parametrize(
    "identity", [S3Identity("admin-key", "guessed"), S3Identity("nobody", "admin-secret")]
)
@pytest.mark.usefixtures("store")
def test_a_wrong_key_or_secret_is_refused(s3_server: S3Server, identity: S3Identity) -> None:
    error = refusal(ObjectStore(account(s3_server, identity)))
    assert (type(error), error.code) == (SetupError, "connection.s3.credentials")
    assert identity.secret_access_key not in str(error)


@pytest.mark.usefixtures("store")
def test_missing_rights_name_what_is_needed(s3_server: S3Server) -> None:
    error = refusal(ObjectStore(account(s3_server, s3_server.reader)))
    assert (type(error), error.code) == (SetupError, "connection.s3.permission")
    assert "s3:ListBucket" in error.hint


def test_a_bucket_that_is_not_there_is_told(s3_server: S3Server) -> None:
    assert refusal(ObjectStore(account(s3_server, bucket="nowhere"))).code == "connection.s3.no_bucket"


def test_a_bucket_name_that_is_none_is_told(s3_server: S3Server) -> None:
    assert refusal(ObjectStore(account(s3_server, bucket="Not a/bucket"))).code == "connection.s3.settings"


@pytest.mark.usefixtures("store")
def test_a_wrong_clock_is_explained(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    right = botocore.auth.get_current_datetime
    ahead = datetime.timedelta(hours=2)
    monkeypatch.setattr(
        botocore.auth, "get_current_datetime", lambda *given, **named: right(*given, **named) + ahead
    )
    error = refusal(ObjectStore(account(s3_server)))
    assert (type(error), error.code) == (SetupError, "connection.s3.clock")
    assert "NTP" in error.hint


def test_the_distance_of_clocks_is_told() -> None:
    at = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=40)
    headers = {"date": at.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    assert "by 40 minutes" in _error_for("RequestTimeTooSkewed", 403, "", headers).message


def test_nobody_there_may_pass_by_itself() -> None:
    error = refusal(ObjectStore(S3Account("k", "s", "work", endpoint="http://127.0.0.1:9"), tries=1))
    assert (type(error), error.code) == (TransientError, "connection.s3.unreachable")


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"<html><p>It works!</p></html>"), (404, b"<html><p>Not here<br></html>")]
)
def test_what_is_no_s3_server_is_told(status: int, body: bytes) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        error = refusal(ObjectStore(S3Account("k", "s", "work", endpoint=url), tries=1))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert error.code == "connection.s3.wrong_address"


@pytest.mark.parametrize(
    ("code", "status", "headers", "kind", "expected"),
    [
        ("PermanentRedirect", 301, {"x-amz-bucket-region": "eu-west-3"}, SetupError, "connection.s3.region"),
        ("SlowDown", 503, {}, ThrottledError, "connection.s3.throttled"),
        ("InternalError", 500, {}, TransientError, "connection.s3.failed"),
        ("ExpiredToken", 400, {}, SetupError, "connection.s3.credentials"),
        ("InvalidRequest", 400, {}, SetupError, "connection.s3.refused"),
    ],
)
def test_what_only_others_say_is_explained_too(
    code: str, status: int, headers: dict[str, str], kind: type[ConnectorError], expected: str
) -> None:
    error = _error_for(code, status, "", headers)
    assert (type(error), error.code) == (kind, expected)
    assert "eu-west-3" in error.hint or code != "PermanentRedirect"


@pytest.mark.usefixtures("store")
def test_the_machines_own_aws_set_up_is_not_used(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "other")
    assert "work" in ObjectStore(account(s3_server)).buckets()


def test_an_account_shows_no_secret(s3_server: S3Server) -> None:
    assert "admin-secret" not in repr(account(s3_server))
