"""Capture over ASGI, with a real log."""

import asyncio
import base64
import gzip
import json
import sqlite3

import httpx
import pytest

from onefold.backends.embedded.log import EmbeddedLog
from onefold.capture import CaptureSettings, capture_app
from onefold.clock import MINUTE, SECOND, from_iso
from onefold.errors import StorageError
from onefold.log.committer import Committer
from onefold.log.settings import LogSettings
from onefold.model.event import decode_events, decode_meta
from onefold.model.source import Source
from onefold.testing.sources import FixedDirectory

NOW = from_iso("2026-11-23T15:16:00Z")
GOOD = {"type": "track", "event": "A", "userId": "u", "messageId": "m"}
AUTH = {"authorization": "Basic " + base64.b64encode(b"wk:").decode()}


class Capture:
    """The application with everything around it, and what it wrote."""

    def __init__(self, data_dir, settings, log_settings):
        self.data_dir = data_dir
        self.now = NOW
        self.directory = FixedDirectory({"wk": Source(1, "shop")})
        self.log = EmbeddedLog(data_dir, log_settings, clock=lambda: self.now)
        self.committer = Committer(self.log, log_settings)
        self.app = capture_app(settings, self.directory, self.committer, lambda: self.now)
        transport = httpx.ASGITransport(self.app, client=("203.0.113.9", 5000))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://capture.example")

    async def post(self, path, content, headers=AUTH, **options):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return await self.client.post(path, content=body, headers=headers, **options)

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

    async def close(self):
        await self.client.aclose()
        await self.app.close()
        await self.committer.close()
        self.log.close()


@pytest.fixture
async def start(tmp_path):
    started = []

    def begin(settings=None, **log_options):
        log_settings = LogSettings(**({"disk_free_bytes_min": 0} | log_options))
        started.append(Capture(tmp_path, settings or CaptureSettings(), log_settings))
        return started[-1]

    yield begin
    for capture in started:
        await capture.close()


@pytest.fixture
def capture(start):
    return start()


@pytest.mark.parametrize("path", ["/v1/track", "/v1/t", "/api/s/track", "/api/s/s2s/track"])
async def test_an_event_is_in_the_log_once_answered(capture, path):
    answer = await capture.post(path, GOOD)
    assert (answer.status_code, answer.content) == (200, b'{"success":true}')
    (record,) = capture.log.read(0)
    assert json.loads(record.body) == GOOD
    assert (record.source_id, record.received_at, record.count) == (1, NOW, 1)
    assert capture.counts() == {("1", 0, ""): 1}


async def test_what_came_with_the_request_is_kept(capture):
    body = {"event": "A", "userId": "u", "sentAt": "2026-11-23T15:15:00Z"}
    await capture.post("/v1/track", body, AUTH | {"user-agent": "sdk/1"})
    (record,) = capture.log.read(0)
    meta = decode_meta(record)
    assert (meta.sent_at, meta.type, meta.ip, meta.user_agent) == (
        NOW - MINUTE,
        "track",
        "203.0.113.9",
        "sdk/1",
    )
    assert decode_events(record)[0].type == "track"


@pytest.mark.parametrize(
    "path", ["/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch?writeKey=wk", "/api/s/batch"]
)
async def test_a_batch_is_one_record(capture, path):
    body = {"batch": [GOOD, GOOD | {"messageId": "m2"}], "sentAt": "2026-11-23T15:15:59Z", "writeKey": "wk"}
    answer = await capture.post(path, body, {})
    assert answer.content == b'{"success":true}'
    (record,) = capture.log.read(0)
    assert record.count == 2
    assert decode_meta(record).sent_at == NOW - SECOND
    assert [event.message_id for event in capture.events()] == ["m", "m2"]


async def test_sent_at_of_an_event_counts_if_the_batch_has_none(capture):
    await capture.post("/v1/batch", {"batch": [GOOD | {"sentAt": "2026-11-23T15:15:59Z"}]})
    assert decode_meta(capture.log.read(0)[0]).sent_at == NOW - SECOND


@pytest.mark.parametrize("sent_at", ["nonsense", 5e300, [], True, {}])
async def test_a_wrong_sent_at_costs_no_event(capture, sent_at):
    assert (await capture.post("/v1/batch", {"batch": [GOOD], "sentAt": sent_at})).status_code == 200
    assert decode_meta(capture.log.read(0)[0]).sent_at == 0


@pytest.mark.parametrize("sent_at", [253_402_300_800_000, "9999-12-31T23:59:59-23:59"])
async def test_a_sent_at_beyond_the_calendar_costs_nobody_a_batch_with_a_bad_event(capture, sent_at):
    body = {"batch": [GOOD, GOOD | {"messageId": "m2", "event": ""}], "sentAt": sent_at}
    answer = await capture.post("/v1/batch", body)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    assert len(capture.rows("select * from letter")) == 1


async def test_the_good_are_taken_and_each_bad_one_is_a_dead_letter(capture):
    bad = {"type": "track", "userId": "secret", "messageId": "m2"}
    body = {"batch": [GOOD, bad, 5, GOOD | {"messageId": "m3"}], "sentAt": "2026-11-23T15:15:59Z"}
    answer = await capture.post("/v1/batch", body)
    content = answer.json()
    assert answer.status_code == 200
    assert (content["success"], content["accepted"], content["rejected_count"]) == (True, 2, 2)
    assert [(one["index"], one["message_id"], one["code"], one["field"]) for one in content["rejected"]] == [
        (1, "m2", "capture.missing_field", "event"),
        (2, "", "capture.not_an_object", ""),
    ]
    assert all(one["message"] and one["hint"] for one in content["rejected"])
    assert [event.message_id for event in capture.events()] == ["m", "m3"]
    assert capture.counts() == {
        ("1", 0, ""): 2,
        ("1", 2, "capture.missing_field"): 1,
        ("1", 2, "capture.not_an_object"): 1,
    }
    letters = capture.rows("select code, field, subject, source_id, at, payload from letter order by id")
    assert letters[0][:5] == ("capture.missing_field", "event", "m2", 1, NOW)
    assert json.loads(letters[0][5]) == bad | {"sentAt": "2026-11-23T15:15:59.000Z"}
    assert letters[1][5] == b"5"


async def test_a_bad_single_event_is_400_and_a_dead_letter_that_can_be_replayed(capture):
    answer = await capture.post("/v1/t", {"userId": "u"})
    assert answer.status_code == 400
    content = answer.json()
    assert (content["success"], content["code"], content["field"]) == (
        False,
        "capture.missing_field",
        "event",
    )
    assert content["message"]
    assert content["hint"]
    ((payload,),) = capture.rows("select payload from letter")
    assert json.loads(payload) == {"userId": "u", "type": "track"}
    assert capture.log.end() == 0


@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch"])
async def test_a_broken_body_is_400_and_a_dead_letter(capture, path):
    answer = await capture.post(path, b'{"batch":[')
    assert (answer.status_code, answer.json()["code"]) == (400, "capture.invalid_json")
    assert capture.rows("select code, payload from letter") == [("capture.invalid_json", b'{"batch":[')]
    assert capture.counts() == {("1", 2, "capture.invalid_json"): 1}


async def test_a_long_payload_is_cut_and_says_so(start):
    capture = start(CaptureSettings(letter_bytes_max=256))
    await capture.post("/v1/track", {"type": "track", "text": "x" * 5000})
    ((payload,),) = capture.rows("select payload from letter")
    assert payload.decode().endswith("[cut: 256 of 5029 bytes kept]")


async def test_too_many_dead_letters_are_only_counted(start):
    capture = start(CaptureSettings(letters_per_minute_max=2))
    await capture.post("/v1/batch", {"batch": [{}] * 5})
    assert capture.rows("select count(*) from letter") == [(2,)]
    assert capture.counts() == {("1", 2, "capture.missing_field"): 5}
    capture.now += MINUTE
    await capture.post("/v1/batch", {"batch": [{}]})
    assert capture.rows("select count(*) from letter") == [(3,)]


async def test_an_empty_batch_is_fine(capture):
    assert (await capture.post("/v1/batch", {"batch": []})).content == b'{"success":true}'
    assert capture.log.end() == 0


@pytest.mark.parametrize("body", [{}, {"batch": {}}, {"batch": None}, {"batch": "x"}])
async def test_a_batch_without_a_list_is_refused(capture, body):
    answer = await capture.post("/v1/batch", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "capture.not_a_batch")


async def test_a_batch_with_too_many_events_is_refused(start):
    capture = start(CaptureSettings(batch_events_max=3))
    answer = await capture.post("/v1/batch", {"batch": [GOOD] * 4})
    assert (answer.status_code, answer.json()["code"]) == (400, "capture.batch_too_long")


@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch", "/v1/pixel/track", "/sourceConfig/"])
async def test_nobody_in_particular_is_401(capture, path):
    method = "GET" if "pixel" in path or "source" in path else "POST"
    answer = await capture.client.request(method, path, content=b'{"event":"A","userId":"u"}')
    assert (answer.status_code, answer.json()["code"]) == (401, "capture.missing_write_key")
    assert answer.json()["message"]


async def test_unknown_and_disabled_keys_are_401_and_counted(capture):
    capture.directory.put("old", Source(2, "old"), key_enabled=False)
    for user, code in (("nobody", "capture.unknown_write_key"), ("old", "capture.disabled_write_key")):
        answer = await capture.client.post("/v1/track", json=GOOD, auth=(user, ""))
        assert (answer.status_code, answer.json()["code"]) == (401, code)
    await capture.app.close()
    assert capture.counts() == {
        ("unknown", 2, "capture.unknown_write_key"): 1,
        ("unknown", 2, "capture.disabled_write_key"): 1,
    }
    assert capture.rows("select count(*) from letter") == [(0,)]


async def test_strangers_are_counted_with_the_next_event(capture):
    await capture.client.post("/v1/track", json=GOOD, auth=("nobody", ""))
    await capture.post("/v1/track", GOOD)
    assert capture.counts()["unknown", 2, "capture.unknown_write_key"] == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/v1/nothing", 404, "capture.not_found"),
        ("GET", "/v1/track", 405, "capture.method_not_allowed"),
        ("PUT", "/v1/batch", 405, "capture.method_not_allowed"),
        ("POST", "/v1/pixel/track", 405, "capture.method_not_allowed"),
        ("GET", "/analytics.js/v1/wk/analytics.min.js", 404, "capture.no_script"),
        ("GET", "/v1/projects/nobody/settings", 401, "capture.unknown_write_key"),
    ],
)
async def test_what_does_not_exist_says_what_does(capture, method, path, status, code):
    answer = await capture.client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["hint"]


async def test_gzip_is_told_by_its_encoding_not_by_its_type(capture):
    headers = AUTH | {"content-encoding": "gzip", "content-type": "application/x-www-form-urlencoded"}
    body = gzip.compress(json.dumps({"batch": [GOOD]}).encode())
    assert (await capture.post("/v1/batch", body, headers)).status_code == 200
    assert len(capture.events()) == 1


async def test_bodies_over_the_limit_are_413(start):
    capture = start(CaptureSettings(body_bytes_max=1000))
    bomb = gzip.compress(b" " * 5_000_000)
    answers = [
        await capture.post("/v1/batch", b" " * 1001),
        await capture.post("/v1/batch", b" " * 100_000),
        await capture.post("/v1/batch", bomb, AUTH | {"content-encoding": "gzip"}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (413, "capture.body_too_large")
    ] * 3


async def test_a_browser_may_send_and_read_the_answer(capture):
    origin = {"origin": "https://shop.example"}
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,x-new"}
    answer = await capture.client.options("/v1/t", headers=origin | asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
    assert {
        "authorization",
        "content-type",
        "content-encoding",
        "x-retry-count",
        "anonymousid",
        "x-new",
    } <= set(allowed)
    assert int(answer.headers["access-control-max-age"]) >= 7200
    for sent in (
        await capture.post("/v1/t", GOOD, AUTH | origin),
        await capture.post("/v1/t", {}, AUTH | origin),
    ):
        assert sent.headers["access-control-allow-origin"] == "https://shop.example"
        assert sent.headers["access-control-expose-headers"] == "Retry-After"
        assert sent.headers["vary"] == "Origin"


async def test_settings_for_segments_browser_client(capture):
    answer = await capture.client.get("/v1/projects/wk/settings")
    ours = answer.json()["integrations"]["Segment.io"]
    assert ours == {"apiKey": "wk", "apiHost": "capture.example/v1", "protocol": "http"}
    assert answer.json()["metrics"] == {"sampleRate": 0}


async def test_settings_behind_a_proxy(start):
    capture = start(CaptureSettings(public_url="https://events.shop.example/"))
    answer = await capture.client.get("/v1/projects/wk/settings")
    assert answer.json()["integrations"]["Segment.io"]["apiHost"] == "events.shop.example/v1"
    assert answer.json()["integrations"]["Segment.io"]["protocol"] == "https"


async def test_source_config_for_rudders_browser_client(capture):
    for answer in (
        await capture.client.get("/sourceConfig/?p=npm", headers=AUTH),
        await capture.client.get("/sourceConfig/?writeKey=wk"),
    ):
        source = answer.json()["source"]
        assert (source["writeKey"], source["enabled"], source["destinations"]) == ("wk", True, [])


async def test_own_metrics_of_a_client_are_thrown_away(capture):
    assert (await capture.post("/v1/m", {"series": []}, {})).content == b'{"success":true}'
    assert capture.log.end() == 0


async def test_a_pixel_of_segments_form(capture):
    data = base64.urlsafe_b64encode(
        json.dumps({"writeKey": "wk", "event": "Opened", "userId": "u?>"}).encode()
    )
    answer = await capture.client.get("/v1/pixel/track", params={"data": data.decode().rstrip("=")})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    await capture.client.get("/v1/pixel/track", params={"data": data.decode()})
    first, second = capture.events()
    assert (first.type, first.event, first.user_id) == ("track", "Opened", "u?>")
    assert first.message_id != second.message_id


async def test_a_pixel_of_rudders_form(capture):
    query = {
        "writeKey": "wk",
        "anonymousId": "a",
        "name": "Home",
        "properties.price": "3",
        "context.page.url": "/x",
    }
    assert (await capture.client.get("/pixel/v1/page", params=query)).status_code == 200
    (record,) = capture.log.read(0)
    stored = json.loads(record.body)
    assert stored["properties"] == {"price": "3"}
    assert stored["context"] == {"page": {"url": "/x"}}
    assert decode_events(record)[0].type == "page"


@pytest.mark.parametrize("query", ["data=%21%21", "data=bm90IGpzb24", "writeKey=wk", "&" * 500 + "data=x"])
async def test_a_bad_pixel_is_an_error_not_a_picture(capture, query):
    answer = await capture.client.get(f"/v1/pixel/track?{query}")
    assert answer.status_code == 400
    assert answer.json()["code"]


async def test_a_source_that_sends_too_much_is_slowed_down(capture):
    capture.directory.put("slow", Source(3, "slow", rate_per_s=2))
    auth = AUTH | {"authorization": "Basic " + base64.b64encode(b"slow:").decode()}
    assert (await capture.post("/v1/batch", {"batch": [GOOD] * 8}, auth)).status_code == 200
    answer = await capture.post("/v1/track", GOOD, auth)
    assert (answer.status_code, answer.json()["code"]) == (429, "capture.rate_limited")
    assert answer.headers["retry-after"] == "3"
    assert (await capture.post("/v1/track", GOOD)).status_code == 200
    capture.now += 4 * SECOND
    assert (await capture.post("/v1/track", GOOD, auth)).status_code == 200


async def test_a_full_log_is_429_and_taken_again_later(start):
    capture = start(bytes_max=200_000)
    body = {"batch": [GOOD | {"properties": {"text": "x" * 10_000}}] * 10}
    answers = [await capture.post("/v1/batch", body) for _ in range(4)]
    assert (answers[0].status_code, answers[-1].status_code) == (200, 429)
    assert answers[-1].json()["code"] == "log.full"
    assert answers[-1].headers["retry-after"] == "2"
    capture.log.trim(capture.log.end())
    assert (await capture.post("/v1/track", GOOD)).status_code == 200


async def test_a_full_queue_is_429(start):
    capture = start(queue_bytes_max=1)
    held = asyncio.Event()
    append, loop = capture.log.append, asyncio.get_running_loop()

    def slow_append(*args, **kwargs):
        asyncio.run_coroutine_threadsafe(held.wait(), loop).result(10)
        return append(*args, **kwargs)

    capture.log.append = slow_append
    first = asyncio.create_task(capture.post("/v1/track", GOOD))
    while not capture.committer.is_full:
        await asyncio.sleep(0)
    answer = await capture.post("/v1/track", GOOD)
    assert (answer.status_code, answer.json()["code"]) == (429, "log.queue_full")
    assert int(answer.headers["retry-after"]) > 0
    held.set()
    assert (await first).status_code == 200


async def test_a_write_error_is_429_and_capture_goes_on(capture):
    append = capture.log.append

    def broken(*_args, **_kwargs):
        raise StorageError("log.write_failed", "The log could not be written.")

    capture.log.append = broken
    answer = await capture.post("/v1/track", GOOD)
    assert (answer.status_code, answer.json()["code"]) == (429, "log.write_failed")
    capture.log.append = append
    assert (await capture.post("/v1/track", GOOD)).status_code == 200
    assert capture.log.end() == 1


async def test_ip_and_bots_are_left_out_where_the_source_says_so(capture):
    capture.directory.put("wk", Source(1, "shop", drop_ip=True, drop_bots=True))
    await capture.post("/v1/track", GOOD | {"context": {"ip": "1.2.3.4"}})
    (record,) = capture.log.read(0)
    assert b"1.2.3.4" not in record.body + record.meta
    assert b"203.0.113.9" not in record.meta
    assert (await capture.post("/v1/track", GOOD, AUTH | {"user-agent": "Googlebot/2.1"})).status_code == 200
    assert (
        await capture.post("/v1/batch", {"batch": [GOOD] * 2}, AUTH | {"user-agent": "x spider"})
    ).json() == {"success": True}
    assert capture.log.end() == 1
    assert capture.counts() == {("1", 0, ""): 1, ("1", 1, "capture.bot"): 3}


async def test_the_sender_behind_a_proxy(start):
    capture = start(CaptureSettings(forwarded_hops=1))
    await capture.post("/v1/track", GOOD, AUTH | {"x-forwarded-for": "6.6.6.6, 198.51.100.7"})
    assert decode_meta(capture.log.read(0)[0]).ip == "198.51.100.7"


async def test_a_slow_sender_is_cut_off(start):
    capture = start(CaptureSettings(body_timeout_s=0.05))

    async def trickle():
        yield b"{"
        await asyncio.Event().wait()

    # httpx hands a stream over in one piece, so the slow sender is played on ASGI itself.
    stream, sent = trickle(), []

    async def receive():
        return {"type": "http.request", "body": await anext(stream), "more_body": True}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/v1/batch", "method": "POST", "headers": [], "query_string": b""}
    await capture.app(scope | {"client": None, "scheme": "http"}, receive, send)
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["code"] == "capture.body_timeout"
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_too_many_unfinished_bodies_are_429(start):
    capture = start(CaptureSettings(reading_bytes_max=1000))

    async def chunks():
        yield b"x" * 600
        yield b"x" * 600

    stream, sent = chunks(), []

    async def receive():
        return {"type": "http.request", "body": await anext(stream), "more_body": True}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/v1/batch", "method": "POST", "headers": [], "query_string": b""}
    await capture.app(scope | {"client": None, "scheme": "http"}, receive, send)
    assert sent[0]["status"] == 429
    assert (await capture.post("/v1/track", GOOD)).status_code == 200
