"""What a destination pushes, over ASGI, with a real log: Braze's batches, and everything that is none."""

import base64
import gzip
import json
import sqlite3

import httpx
import pytest

from onefold.backends.embedded.log import EmbeddedLog
from onefold.capture import CaptureSettings, capture_app
from onefold.capture.replay import replay_letter
from onefold.clock import from_iso
from onefold.connectors.braze.currents_push import read_push
from onefold.errors import StorageError
from onefold.log.committer import Committer
from onefold.log.settings import LogSettings
from onefold.model.event import decode_events, decode_meta
from onefold.model.letter import Letter
from onefold.model.record import Record
from onefold.model.source import Source
from onefold.testing.sources import FixedDirectory

NOW = from_iso("2026-11-23T15:16:00Z")
KIND = "braze-currents"
BRAZE = Source(2, "Braze", kind=KIND)
TOKEN = {"authorization": "Bearer bk", "braze-currents-version": "1"}
OPEN = {
    "event_type": "users.messages.email.Open",
    "id": "e1",
    "time": 1_780_272_000,
    "user": {"user_id": "5f0c3b2a1d4e6f7a8b9c0d1e", "external_user_id": "ada", "timezone": "Europe/Berlin"},
    "properties": {"campaign_name": "Welcome", "email_address": "ada@x.org"},
}


class Pushes:
    def __init__(self, data_dir, settings):
        self.data_dir = data_dir
        log_settings = LogSettings(disk_free_bytes_min=0)
        self.directory = FixedDirectory({"wk": Source(1, "shop"), "bk": BRAZE})
        self.log = EmbeddedLog(data_dir, log_settings)
        self.committer = Committer(self.log, log_settings)
        self.app = capture_app(
            settings, self.directory, self.committer, lambda: NOW, push_readers=lambda: {KIND: read_push}
        )
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://capture.example")

    async def post(self, content, headers=TOKEN, path="/v1/currents"):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return await self.client.post(path, content=body, headers=headers)

    def events(self):
        return [event for record in self.log.read(0) for event in decode_events(record)]

    def rows(self, query):
        connection = sqlite3.connect(self.data_dir / "log.db")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def counts(self):
        return {tuple(row[:3]): row[3] for row in self.rows("select subject, kind, code, count from counter")}


@pytest.fixture
async def pushes(tmp_path):
    made = Pushes(tmp_path, CaptureSettings())
    yield made
    await made.client.aclose()
    await made.app.close()
    await made.committer.close()
    made.log.close()


async def test_a_batch_is_in_the_log_and_says_whose_it_is(pushes):
    answer = await pushes.post({"events": [OPEN, {**OPEN, "id": "e2"}]})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [(one.event, one.message_id, one.user_id) for one in pushes.events()] == [
        ("Email Opened", "e1", "ada"),
        ("Email Opened", "e2", "ada"),
    ]
    (record,) = pushes.log.read(0)
    assert decode_meta(record).source_kind == KIND
    assert pushes.counts() == {("2", 0, ""): 2}


async def test_bad_events_become_dead_letters_and_tests_are_left_out(pushes):
    junk = {"timezone": "0b1f3a62-9f4e-4c3e-8a55-0d9d6b6b8f10"}
    answer = await pushes.post({"events": [OPEN, {**OPEN, "time": None}, {**OPEN, "user": junk}, 5]})
    assert answer.status_code == 200
    assert answer.json()["rejected_count"] == 2
    assert [one["index"] for one in answer.json()["rejected"]] == [1, 3]
    assert pushes.counts() == {
        ("2", 0, ""): 1,
        ("2", 1, "acquire.braze.test_event"): 1,
        ("2", 2, "acquire.braze.bad_event"): 2,
    }
    letters = pushes.rows("select code, field, subject, payload from letter order by id")
    assert letters[0][:3] == ("acquire.braze.bad_event", "timestamp", "e1")
    draft = json.loads(letters[0][3])
    mended = json.dumps({**draft, "timestamp": "2026-06-01T00:00:00Z"})
    letter = Letter("capture-1", "capture", letters[0][0], "", "", "", NOW, 2, "e1", "")
    record = replay_letter(letter, mended, BRAZE, CaptureSettings(), received_at=NOW)
    assert isinstance(record, Record)
    assert decode_events(record)[0].event == "Email Opened"
    assert decode_meta(record).source_kind == KIND, "mended or not, it is not sent back"


@pytest.mark.parametrize("body", [b"", b"{}", b'{"events": []}'])
async def test_nothing_is_taken_as_nothing_but_the_token_is_looked_at(pushes, body):
    assert (await pushes.post(body)).status_code == 200
    assert (await pushes.post(body, {"authorization": "Bearer nobody"})).status_code == 401
    assert (await pushes.post(body, {})).status_code == 401
    assert pushes.events() == []


async def test_a_body_that_is_no_batch_is_refused_once_and_kept(pushes):
    answer = await pushes.post(b'{"events": [')
    assert (answer.status_code, answer.json()["code"]) == (400, "acquire.braze.bad_event")
    assert pushes.counts() == {("2", 2, "acquire.braze.bad_event"): 1}


async def test_sources_take_only_what_they_are_for(pushes):
    basic = {"authorization": "Basic " + base64.b64encode(b"bk:").decode()}
    answer = await pushes.post({"type": "track", "event": "A", "userId": "u"}, basic, "/v1/track")
    assert (answer.status_code, answer.json()["code"]) == (403, "capture.other_kind")
    answer = await pushes.post({"events": [OPEN]}, {"authorization": "Bearer wk"})
    assert (answer.status_code, answer.json()["code"]) == (403, "capture.other_kind")
    answer = await pushes.post({"batch": [], "writeKey": "bk"}, {}, "/v1/batch")
    assert answer.status_code == 403
    assert pushes.events() == []


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"authorization": "Basic " + base64.b64encode(b"bk:").decode()}, "/v1/currents"),
        ({"x-write-key": "bk"}, "/v1/currents"),
        ({}, "/v1/currents?writeKey=bk"),
        ({"authorization": "bearer  bk "}, "/v1/currents/"),
    ],
)
async def test_the_key_may_come_in_other_ways(pushes, headers, path):
    assert (await pushes.post({"events": [OPEN]}, headers, path)).status_code == 200


async def test_a_disabled_key_is_refused(pushes):
    pushes.directory.put("bk", BRAZE, key_enabled=False)
    assert (await pushes.post({"events": [OPEN]})).status_code == 401


async def test_packed_and_hostile_bodies(pushes):
    packed = gzip.compress(json.dumps({"events": [OPEN]}).encode())
    assert (await pushes.post(packed, {**TOKEN, "content-encoding": "gzip"})).status_code == 200
    bomb = gzip.compress(b" " * 50_000_000)
    assert (await pushes.post(bomb, {**TOKEN, "content-encoding": "gzip"})).status_code == 413
    assert (await pushes.post(b"[" * 1_000_000)).status_code == 400
    deep = {**OPEN, "id": "deep", "properties": json.loads('{"a":' * 200 + "1" + "}" * 200)}
    assert (await pushes.post({"events": [deep]})).json()["rejected_count"] == 1
    surrogate = json.dumps({"events": [OPEN]}).replace("Welcome", "\\ud800").encode()
    assert (await pushes.post(surrogate)).status_code in (200, 400)
    huge = json.dumps({"events": [{**OPEN, "id": "big"}]}).replace('"Welcome"', "9" * 400).encode()
    assert (await pushes.post(huge)).json()["rejected_count"] == 1
    assert {str(one.message_id) for one in pushes.events()} == {"e1"}


async def test_an_event_larger_than_what_an_sdk_sends_is_taken(pushes):
    large = {**OPEN, "properties": {"raw_response": "x" * 500_000}}
    assert (await pushes.post({"events": [large]})).json() == {"success": True}


async def test_a_full_disk_is_said_so_that_braze_sends_again(pushes, monkeypatch):
    def full(*_args, **_more):
        raise StorageError("log.disk_full", "Full.")

    monkeypatch.setattr(pushes.log, "append", full)
    assert (await pushes.post({"events": [OPEN]})).status_code == 429


async def test_other_methods(pushes):
    assert (await pushes.client.get("/v1/currents")).status_code == 405


async def test_without_the_connector_nothing_is_lost(pushes):
    pushes.directory.put("other", Source(3, "Other", kind="other-kind"))
    answer = await pushes.post({"events": [OPEN]}, {"authorization": "Bearer other"})
    assert answer.status_code == 429
