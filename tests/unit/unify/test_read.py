"""Whatever a sender wrote: it is read, or refused with a code, and its neighbours are unharmed."""

import msgspec
import pytest

from onefold.model.event import event_hash
from onefold.model.json import JsonObject
from onefold.model.record import Record, RecordKind
from onefold.pipeline.worker import make_reader
from onefold.testing.fold import START, events_record, make_event
from onefold.unify.read import Reading, Refusal, split_array
from onefold.unify.settings import UnifySettings

READER = make_reader(UnifySettings(trait_identifiers={"loyalty": "loyalty"}))
GOOD = b'{"type":"track","event":"Product Viewed","messageId":"good","userId":"ann"}'


def read_one(event: dict[str, object]) -> Reading | Refusal:
    (item,) = READER.read(events_record(event))
    return item


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (
            b'{"type":"identify","messageId":"b","traits":{"a":%s}}' % (b"[" * 3000 + b"]" * 3000),
            "unify.too_deep",
        ),
        (b'{"type":"identify","messageId":"b","traits":{"a":%s}}' % (b"1" * 400), "unify.number_too_large"),
        (b'{"type":"identify","messageId":"b","traits":{"a":"\xff"}}', "unify.bad_text"),
        (b'{"type":"identify","messageId":"b","traits":[1]}', "unify.undecodable"),
        (b'{"type":"track","event":7,"messageId":"b"}', "unify.undecodable"),
        (b'{"type":"track","event":"x","messageId":"b","properties":"text"}', "unify.undecodable"),
        (b'{"type":"track","event":"x","messageId":"b","timestamp":"soon"}', "unify.unreadable"),
        (b'{"type":"track","event":"x","messageId":"b","context":[]}', "unify.undecodable"),
        (b'{"type":"identify","messageId":"b","traits":{"%s":1}}' % (b"n" * 300), "unify.unreadable"),
    ],
)
@pytest.mark.parametrize("array", [True, False])
def test_a_bad_event_is_refused_alone(bad: bytes, code: str, array: bool) -> None:
    if array:
        record = Record(RecordKind.EVENTS, 1, START, 3, b"[" + GOOD + b"," + bad + b"," + GOOD + b"]")
        items = READER.read(record)
        assert [type(item) for item in items] == [Reading, Refusal, Reading]
        refused = items[1]
    else:
        (refused,) = READER.read(Record(RecordKind.EVENTS, 1, START, 1, bad))
    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert refused.payload == bad


@pytest.mark.parametrize(
    ("body", "count"), [(b"[", 4), (b"\xff\xfe", 1), (b"", 1), (b"[1,2]", 2), (GOOD, 3), (b"[]", 0)]
)
def test_a_record_gives_as_many_items_as_it_says(body: bytes, count: int) -> None:
    items = READER.read(Record(RecordKind.EVENTS, 1, START, count, body))
    assert len(items) == count
    assert all(isinstance(item, Refusal) for item in items)


@pytest.mark.parametrize("number", [1e300, -1e300, -1, 0, 10**18])
def test_absurd_times_become_the_time_of_receipt(number: float) -> None:
    reading = read_one(make_event("m", timestamp=number))
    assert isinstance(reading, Reading)
    assert reading.occurred_at == START or abs(reading.occurred_at) < 2_000_000


def test_null_stands_for_nothing() -> None:
    event = make_event("m", "identify", user_id="ann", traits=None, context=None, properties=None)
    body = msgspec.json.encode(event)
    (reading,) = READER.read(Record(RecordKind.EVENTS, 1, START, 1, body))
    assert isinstance(reading, Reading)
    assert reading.traits == {}


def test_identifiers_come_strongest_first_from_every_place() -> None:
    reading = read_one(
        make_event(
            "m",
            "identify",
            user_id="ann",
            anonymous_id="a1",
            traits={"email": "ANN@example.com", "loyalty": 12},
            context={
                "traits": {"phone": "+4930901820"},
                "externalIds": [{"id": "c9", "type": "crm"}, {"id": None}, 4],
            },
        )
    )
    assert isinstance(reading, Reading)
    assert [one.key for one in reading.identifiers] == [
        "user_id:ann",
        "email:ann@example.com",
        "phone:+4930901820",
        "crm:c9",
        "loyalty:12",
        "anonymous_id:a1",
    ]
    assert reading.traits == {"phone": "+4930901820", "email": "ANN@example.com", "loyalty": 12}


def test_blocked_identifiers_are_counted() -> None:
    reading = read_one(make_event("m", user_id="null", anonymous_id=[1]))
    assert isinstance(reading, Reading) is False or reading.blocked == 1


@pytest.mark.parametrize(
    ("user", "previous", "keys"),
    [
        ("ann", "a1", ["user_id:ann", "user_id:a1", "anonymous_id:a1"]),
        ("ann", "ann", ["user_id:ann", "anonymous_id:ann"]),
        ("null", "a1", ["anonymous_id:a1"]),
    ],
)
def test_an_alias_names_the_previous_id_as_anonymous_or_as_a_user(
    user: str, previous: str, keys: list[str]
) -> None:
    reading = read_one(make_event("m", "alias", user_id=user, previous_id=previous))
    assert isinstance(reading, Reading)
    assert [one.key for one in reading.identifiers] == keys


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ({"context": {"traits": {"email": "a@example.com"}}}, ["email:a@example.com"]),
        ({"traits": {"phone": "+4930901820"}, "user_id": ""}, ["phone:+4930901820"]),
        ({"context": {"traits": {"email": "a@example.com"}}, "user_id": "ann"}, ["user_id:ann"]),
    ],
)
def test_traits_of_other_events_say_whose_they_are_if_nothing_else_does(
    fields: dict[str, object], keys: list[str]
) -> None:
    """Capture takes such an event, so it must not end as nobody's."""
    reading = read_one(make_event("m", **fields))  # type: ignore[arg-type]
    assert isinstance(reading, Reading)
    assert [one.key for one in reading.identifiers] == keys
    assert reading.traits is None


def test_the_mail_of_a_group_is_not_a_persons() -> None:
    reading = read_one(make_event("m", "group", group_id="g", traits={"email": "info@example.com"}))
    assert isinstance(reading, Reading)
    assert reading.identifiers == []


def test_senseless_traits_of_the_context_cost_no_event() -> None:
    reading = read_one(
        make_event("m", "identify", user_id="ann", traits={"plan": "pro"}, context={"traits": [1]})
    )
    assert isinstance(reading, Reading)
    assert reading.traits == {"plan": "pro"}


def test_the_hash_is_of_source_and_message_id() -> None:
    reading = read_one(make_event("m"))
    assert isinstance(reading, Reading)
    assert reading.event_hash == event_hash(1, "m")


def test_an_array_is_split_whatever_its_strings_hold() -> None:
    body = b' [ {"a":"x\\",]}"}, [1,{"b":[2,3]}],"te,xt" ,4 ] '
    assert [bytes(part).strip() for part in split_array(body)] == [
        b'{"a":"x\\",]}"}',
        b'[1,{"b":[2,3]}]',
        b'"te,xt"',
        b"4",
    ]
    assert split_array(b"[ ]") == []
    assert [bytes(part) for part in split_array(b'{"a":[1,2]}')] == [b'{"a":[1,2]}']


class Count:
    key = "f:1.1.a"

    def amount(self, properties: JsonObject) -> int | None:
        return None if properties.get("category") == "hats" else 1


@pytest.mark.parametrize(
    "other",
    [
        b'{"type":"track","event":"Product Viewed","messageId":"b","properties":{"category":"hats"}}',
        b'{"type":"track","event":"Product Viewed","messageId":"b","properties":"text"}',
        b'{"type":"track","event":"Product Viewed","messageId":"b","timestamp":"soon"}',
        b'{"type":"track","event":"Product Viewed","messageId":"b","timestamp":"2026-01-02T03:04:05Z"}',
        b'{"type":"track","event":"Product Viewed","properties":{"a":%s}}' % (b"[" * 3000 + b"]" * 3000),
        b'{"type":"track","event":"Else","messageId":"b"}',
        b'{"type":"page","messageId":"b"}',
        b'{"type":"import","messageId":"b"}',
        b"7",
    ],
)
def test_amounts_alone_are_those_that_reading_all_finds(other: bytes) -> None:
    reader = make_reader(UnifySettings())
    reader.wanted = dict.fromkeys(["Product Viewed", "$page", "$import"], (Count(),))
    record = Record(RecordKind.EVENTS, 1, START, 3, b"[" + GOOD + b"," + other + b"," + GOOD + b"]")
    items = [(index, item) for index, item in enumerate(reader.read(record)) if isinstance(item, Reading)]
    assert list(reader.read_amounts(record)) == [
        (index, item.occurred_at, item.amounts) for index, item in items if item.amounts
    ]
