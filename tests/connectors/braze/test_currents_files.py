"""The files of Braze's storage connector: found by hour, read by block, broken ones told; a real server."""

import io
import json
import struct
from collections.abc import Iterator
from datetime import UTC, datetime

import fastavro
import msgspec
import pyarrow
import pytest

from onefold.clock import DAY, HOUR, SECOND, from_iso, now
from onefold.connectors.braze import BrazeConnector
from onefold.connectors.braze.currents_avro import events_of
from onefold.connectors.braze.origin import State
from onefold.errors import SetupError, TransientError
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.plugin.feedback import BadItem, FeedbackFile, open_feedback
from onefold.plugin.object_store import ObjectStore, ObjectStream
from onefold.plugin.origin import Ticket
from onefold.sandbox.braze.currents_schema import avro_schema, complete
from onefold.testing.s3_server import READABLE_BUCKET, S3Server

OPEN, SEND = "users.messages.email.Open", "users.messages.email.Send"
NOW = from_iso("2026-06-03T12:00:00Z")
START = 1_780_272_000
ROOT = "dataexport.prod-01.S3.integration.1"


def avro(event_type: str, ids: list[str], *, codec: str = "null", per_block: int = 1000) -> bytes:
    """A file as Braze writes it."""
    own = {"user_id": "5f0c3b2a1d4e6f7a8b9c0d1e", "external_user_id": "u1", "time": START}
    records = [complete(event_type, {**own, "id": one}) for one in ids]
    buffer = io.BytesIO()
    if codec == "snappy":
        return snappy(event_type, records)
    writer = fastavro.write.Writer(buffer, avro_schema(event_type), codec)
    for place, record in enumerate(records, 1):
        writer.write(record)
        if place % per_block == 0:
            writer.flush()
    writer.flush()
    return buffer.getvalue()


def snappy(event_type: str, records: list[dict[str, object]]) -> bytes:
    """The same with the codec that fastavro itself cannot write here."""
    plain = io.BytesIO()
    fastavro.writer(plain, avro_schema(event_type), records)
    whole = plain.getvalue()
    sync = whole[-16:]
    header, block = whole[: whole.index(sync) + 16], whole[whole.index(sync) + 16 : -16]
    count, place = varint(block, 0)
    size, place = varint(block, place)
    packed = pyarrow.Codec("snappy").compress(block[place : place + size], asbytes=True) + b"\0\0\0\0"
    header = header.replace(b"\x14avro.codec\x08null", b"\x14avro.codec\x0csnappy")
    return header + long(count) + long(len(packed)) + packed + sync


def varint(data: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[place]
        number |= (byte & 0x7F) << shift
        shift, place = shift + 7, place + 1
        if not byte & 0x80:
            return (number >> 1) ^ -(number & 1), place


def long(number: int) -> bytes:
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, "long", number)
    return buffer.getvalue()


def ids_of(content: bytes) -> list[str]:
    """The ids of what can be read, and `bad` for what cannot."""
    items = events_of(io.BytesIO(content), OPEN, "f.avro")
    return ["bad" if isinstance(item, BadItem) else json.loads(item)["messageId"] for item in items]


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy"])
def test_every_codec_is_read(codec: str) -> None:
    assert ids_of(avro(OPEN, ["a", "b", "c"], codec=codec)) == ["a", "b", "c"]


def test_a_file_that_ends_early_gives_what_is_whole() -> None:
    content = avro(OPEN, ["a", "b", "c", "d"], per_block=2)
    assert ids_of(content[:-20]) == ["a", "b", "bad"]
    assert ids_of(b"") == ["bad"]
    assert ids_of(b"Obj") == ["bad"]
    assert ids_of(b"PK no avro at all") == ["bad"]
    assert ids_of(avro(OPEN, ["a"], codec="snappy")[:-3]) == ["bad"]


def test_a_broken_record_costs_its_block_and_no_more() -> None:
    content = bytearray(avro(OPEN, ["aaaa", "bbbb", "cccc", "dddd"], per_block=2))
    place = content.index(b"bbbb")
    # The length before the text: so long a text is not there.
    content[place - 1] = 0x7F
    assert ids_of(bytes(content)) == ["aaaa", "bad", "cccc", "dddd"]


@pytest.mark.parametrize("place", range(0, 600, 7))
def test_any_broken_byte_ends_in_items(place: int) -> None:
    content = bytearray(avro(OPEN, ["aaaa", "bbbb"]))
    place = len(content) - 1 - place
    content[place] ^= 0xFF
    ids_of(bytes(content))


def test_fields_and_types_that_are_new_are_taken() -> None:
    schema = {
        "type": "record",
        "name": "New",
        "fields": [
            {"name": "id", "type": "string"},
            {"name": "user_id", "type": "string"},
            {"name": "time", "type": "int"},
            {"name": "score", "type": ["null", "float"]},
            {"name": "raw", "type": "bytes"},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        ],
    }
    buffer = io.BytesIO()
    narrow = struct.unpack("<f", struct.pack("<f", 0.1))[0]
    record = {
        "id": "n",
        "user_id": "5f0c3b2a1d4e6f7a8b9c0d1e",
        "time": 5,
        "score": narrow,
        "raw": b"x",
        "at": 1000,
    }
    fastavro.writer(buffer, schema, [record])
    buffer.seek(0)
    (item,) = events_of(buffer, "users.messages.fax.Read", "f")
    assert isinstance(item, bytes)
    event = json.loads(item)
    assert (event["event"], event["properties"]["score"], event["properties"]["raw"]) == (
        "Fax Read",
        0.1,
        "eA==",
    )


class Bucket:
    """A folder of the server's bucket."""

    def __init__(self, server: S3Server, folder: str) -> None:
        self.client = server.client()
        self.folder = folder
        self.connection = Connection(
            1,
            "Braze",
            "braze",
            settings={
                "endpoint": "http://127.0.0.1:1",
                "s3_bucket": READABLE_BUCKET,
                "s3_access_key_id": server.reader.access_key_id,
                "s3_endpoint": server.url,
            },
            secrets={"api_key": "k", "s3_secret_access_key": server.reader.secret_access_key},
        )

    def put(self, event_type: str, hour: str, name: str, content: bytes = b"", *, root: str = ROOT) -> str:
        key = f"{self.folder}/{root}/event_type={event_type}/date={hour}/version=10/us-01/{name}.avro"
        self.client.put_object(Bucket=READABLE_BUCKET, Key=key, Body=content)
        return key

    def goal(self, **settings: object) -> Goal:
        return Goal(1, 1, "currents", "c", settings={"folder": self.folder, **settings})

    def files(self, oldest: str = "2026-06-01-00", **settings: object) -> list[FeedbackFile]:
        goal = self.goal(**settings)
        origin = open_feedback(BrazeConnector(), self.connection, goal)
        assert origin is not None
        try:
            return list(origin.files(goal, oldest))
        finally:
            origin.close()


@pytest.fixture
def bucket(s3_server: S3Server, request: pytest.FixtureRequest) -> Iterator[Bucket]:
    return Bucket(s3_server, request.node.name)


def test_files_come_hour_by_hour_whatever_lies_beside_them(bucket: Bucket) -> None:
    keys = [
        bucket.put(OPEN, "2026-06-01-05", "a"),
        bucket.put(SEND, "2026-06-01-06", "b"),
        bucket.put("users.canvas.Entry", "2026-06-01-06", "a", root="1a2b/short"),
        bucket.put(OPEN, "2026-06-02-00", "c"),
        bucket.put("users.messages.email.OpenX", "2026-06-02-01", "d"),
    ]
    bucket.put(OPEN, "2026-05-31-23", "too-old")
    bucket.put(OPEN, "2026-06-99-99", "no-hour")
    for stray in ("readme.txt", "segment-export/x/2026-06-01/y.zip", "zz/event_type=x/other.txt"):
        bucket.client.put_object(Bucket=READABLE_BUCKET, Key=f"{bucket.folder}/{stray}", Body=b"x")
    found = bucket.files()
    assert sorted(file.name for file in found) == sorted(keys)
    hours = [file.part for file in found]
    assert hours == sorted(hours)
    chosen = bucket.files(event_types=[OPEN])
    assert [file.name for file in chosen] == [keys[0], keys[3]]
    assert bucket.files("2026-06-02-01") == [found[-1]]


def test_only_what_may_be_new_is_listed(bucket: Bucket) -> None:
    for hour in range(24):
        bucket.put(OPEN, f"2026-06-01-{hour:02}", "a")
    assert len(bucket.files("2026-06-01-20")) == 4


def test_how_far_back_it_looks(bucket: Bucket) -> None:
    goal = bucket.goal(past_days=2, late_hours=3)
    origin = open_feedback(BrazeConnector(), bucket.connection, goal)
    assert origin is not None
    assert origin.oldest_part(goal, "", NOW) == "2026-06-01-12"
    assert origin.oldest_part(goal, "2026-06-03-11", NOW) == "2026-06-03-08"
    # Whatever says that it is of the future must not hide what comes until then.
    assert origin.oldest_part(goal, "2099-01-01-00", NOW) == "2026-06-03-09"
    assert origin.oldest_part(goal, "2026-06-01-00", NOW + 30 * DAY + HOUR) == "2026-05-31-21"
    assert origin.place == f"{READABLE_BUCKET}/{bucket.folder}/"


def test_events_come_in_pages_and_a_file_that_is_gone_is_told(bucket: Bucket) -> None:
    ids = [f"e{number}" for number in range(1203)]
    key = bucket.put(OPEN, "2026-06-01-05", "a", avro(OPEN, ids, per_block=100))
    origin = open_feedback(BrazeConnector(), bucket.connection, bucket.goal())
    assert origin is not None
    pages = list(origin.read(FeedbackFile(key, "2026-06-01-05"), 0))
    assert [page.position for page in pages] == [500, 1000, 1203]
    rest = list(origin.read(FeedbackFile(key, "2026-06-01-05"), 1000))
    assert [(len(page.items), page.position) for page in rest] == [(203, 1203)]
    assert list(origin.read(FeedbackFile(key, "2026-06-01-05"), 5000)) == []
    (gone,) = origin.read(FeedbackFile(key + "x.avro", "2026-06-01-05"), 7)
    assert gone.position == 8
    assert isinstance(gone.items[0], BadItem)


def broken_stream(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every object breaks off; returns what becomes of the streams."""
    told: list[str] = []

    class Body:
        def read(self, _: object) -> bytes:
            told.append("read")
            raise OSError

        def close(self) -> None:
            told.append("closed")

    monkeypatch.setattr(ObjectStore, "open", lambda *_: ObjectStream(Body()))
    return told


def test_a_file_of_currents_that_breaks_off_is_closed(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = broken_stream(monkeypatch)
    key = bucket.put(OPEN, "2026-06-01-05", "a")
    origin = open_feedback(BrazeConnector(), bucket.connection, bucket.goal())
    assert origin is not None
    with pytest.raises(TransientError):
        list(origin.read(FeedbackFile(key, "2026-06-01-05"), 0))
    assert told == ["read", "closed"]


def test_a_file_of_an_export_that_breaks_off_is_closed(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = broken_stream(monkeypatch)
    at = now()
    today = datetime.fromtimestamp(at / SECOND, UTC)
    key = f"segment-export/audience/{today:%Y-%m-%d}/{bucket.folder}/a.zip"
    bucket.client.put_object(Bucket=READABLE_BUCKET, Key=key, Body=b"")
    origin = BrazeConnector().open_origin(bucket.connection)
    state = msgspec.json.encode(State(bucket.folder, untils=[at + HOUR])).decode()
    goal = Goal(1, 1, "import", "i", settings={"audience": "audience"})
    with pytest.raises(TransientError):
        list(origin.read(goal, Ticket(at, state), 0, None))
    assert told == ["read", "closed"]


def test_without_a_bucket_it_says_what_to_do() -> None:
    connection = Connection(1, "Braze", "braze", settings={"endpoint": "http://127.0.0.1:1"})
    with pytest.raises(SetupError) as caught:
        open_feedback(BrazeConnector(), connection, Goal(1, 1, "currents", "c"))
    assert caught.value.code == "acquire.braze.no_bucket"
