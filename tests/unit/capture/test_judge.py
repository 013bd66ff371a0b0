"""What may into the log, and why not."""

import json

import msgspec
import pytest

from onefold.capture.judge import BOT, Rules, judge, judge_many, message_id_of
from onefold.capture.refusal import Refusal
from onefold.capture.settings import CaptureSettings
from onefold.model.event import decode_events, raw_events
from onefold.model.record import Meta, Record, RecordKind

RULES = Rules(CaptureSettings())


def event(**fields):
    return {"type": "track", "event": "A", "userId": "u", "messageId": "m"} | fields


def encode(content) -> bytes:
    return json.dumps(content).encode()


def refusal_of(content, route_type="", rules=RULES) -> Refusal:
    raw = content if isinstance(content, bytes) else encode(content)
    verdict = judge(raw, rules, route_type=route_type)
    assert isinstance(verdict, Refusal), verdict
    assert verdict.message
    assert verdict.hint
    return verdict


@pytest.mark.parametrize(
    "content",
    [
        event(),
        event(userId=42),
        event(userId=None, anonymousId="a"),
        event(userId="", anonymousId=7),
        event(timestamp="2026-11-23T15:15:59.367+00:00"),
        event(timestamp=1_764_000_000_000),
        event(timestamp=None, originalTimestamp="2026-11-23T15:15:59Z"),
        event(timestamp=""),
        event(type="identify", traits={"email": "a@b.example"}),
        event(type="identify", userId=None, traits={"email": "a@b.example"}),
        event(type="identify", userId=None, context={"traits": {"phone": "1"}}),
        event(userId=None, context={"externalIds": [{"id": "1", "type": "crm"}]}),
        event(type="page", name="Home", category=None),
        event(type="alias", previousId="old"),
        event(type="group", groupId="g"),
        event(unknown={"deep": [1, 2, {"x": None}]}),
        event(properties={"big": 2**63, "text": "\U0001f600 \x00 ü"}),
    ],
)
def test_a_good_event_is_stored_as_it_came(content):
    raw = encode(content)
    assert judge(raw, RULES) is raw


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        ([1], "capture.not_an_object", ""),
        (b"5", "capture.not_an_object", ""),
        (b"null", "capture.not_an_object", ""),
        (event(type="purchase"), "capture.unknown_type", "type"),
        (event(type=""), "capture.missing_field", "type"),
        (event(type=None), "capture.missing_field", "type"),
        (event(type=5), "capture.invalid_field", "type"),
        (event(event=""), "capture.missing_field", "event"),
        (event(event=None), "capture.missing_field", "event"),
        (event(event=5), "capture.invalid_field", "event"),
        (event(event="x" * 513), "capture.too_long", "event"),
        (event(type="alias"), "capture.missing_field", "previousId"),
        (event(type="group", groupId=""), "capture.missing_field", "groupId"),
        (event(userId=None), "capture.no_identifier", "userId"),
        (event(userId="", anonymousId=""), "capture.no_identifier", "userId"),
        (event(userId=None, traits={"email": ""}), "capture.no_identifier", "userId"),
        (event(userId=True), "capture.invalid_field", "userId"),
        (event(userId=["u"]), "capture.invalid_field", "userId"),
        (event(userId="x" * 513), "capture.too_long", "userId"),
        (event(messageId="x" * 513), "capture.too_long", "messageId"),
        (event(timestamp="yesterday"), "capture.invalid_field", "timestamp"),
        (event(timestamp="Mon Nov 23 2026 15:00:00 GMT+0100"), "capture.invalid_field", "timestamp"),
        (event(timestamp=1e300), "capture.invalid_field", "timestamp"),
        (event(timestamp={}), "capture.invalid_field", "timestamp"),
        (event(properties=[]), "capture.invalid_field", "properties"),
        (event(properties="x"), "capture.invalid_field", "properties"),
        (event(traits=1), "capture.invalid_field", "traits"),
        (event(context=[]), "capture.invalid_field", "context"),
        (event(name=5), "capture.invalid_field", "name"),
        (event(properties={"text": "x" * 40_000}), "capture.event_too_large", ""),
    ],
)
def test_a_bad_event_is_refused_with_its_field(content, code, field):
    refusal = refusal_of(content)
    assert (refusal.code, refusal.field) == (code, field)


HEAD = b'{"type":"track","event":"A","userId":"u","messageId":"m",'


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "capture.invalid_json"),
        (b"{", "capture.invalid_json"),
        (HEAD + b'"properties":{"a":NaN}}', "capture.invalid_json"),
        (HEAD + b'"other":Infinity}', "capture.invalid_json"),
        (HEAD + b'"properties":{"a":1e999}}', "capture.invalid_field"),
        (HEAD + b'"properties":{"a":' + b"9" * 400 + b"}}", "capture.invalid_field"),
        (HEAD + b'"userId":' + b"9" * 400 + b"}", "capture.invalid_field"),
        (HEAD + b'"properties":{"a":"\xff"}}', "capture.invalid_json"),
        (HEAD + b'"other":"\xff"}', "capture.invalid_json"),
        (HEAD + b'"properties":{"a":"\\ud800"}}', "capture.invalid_json"),
        (HEAD + b'"other":"\\ud800"}', "capture.invalid_json"),
        (HEAD + b'"properties":{"a":' + b"[" * 70 + b"]" * 70 + b"}}", "capture.too_deep"),
        (HEAD + b'"other":' + b"[" * 70 + b"]" * 70 + b"}", "capture.too_deep"),
        (HEAD + b'"properties":{"a":' + b"[" * 5000 + b"]" * 5000 + b"}}", "capture.too_deep"),
        (HEAD + b'"other":' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}", "capture.too_deep"),
        (HEAD + b'"other":1} trailing', "capture.invalid_json"),
        (b'{"type":"track","event":"A","userId":"u","other":1e999}', "capture.invalid_json"),
    ],
)
def test_hostile_json_is_refused(raw, code):
    assert refusal_of(raw).code == code


def test_half_a_surrogate_pair_is_named():
    assert "surrogate" in refusal_of(HEAD + b'"properties":{"a":"\\ud800"}}').message


def test_many_brackets_are_fine_if_they_are_not_deep():
    raw = HEAD + b'"properties":{"a":[' + b",".join([b"[{}]"] * 500) + b"]}}"
    assert judge(raw, RULES) is raw


def test_of_duplicate_keys_the_last_counts_for_us_and_for_readers():
    raw = HEAD + b'"userId":"second"}'
    stored = judge(raw, RULES)
    assert decode_events(Record(RecordKind.EVENTS, 1, 1, 1, stored))[0].user_id == "second"


@pytest.mark.parametrize("missing", [{}, {"messageId": None}, {"messageId": ""}])
def test_a_missing_message_id_is_derived_so_that_a_resend_matches(missing):
    content = {"type": "track", "event": "A", "userId": "u", "n": 1.0} | missing
    first = json.loads(judge(encode(content | {"sentAt": "2026-11-23T15:15:59Z"}), RULES))
    again = json.loads(judge(encode({"sentAt": "2026-11-23T15:17:00Z"} | content), RULES))
    other = json.loads(judge(encode(content | {"event": "B"}), RULES))
    assert first["messageId"] == again["messageId"]
    assert first["messageId"] != other["messageId"]
    assert first["messageId"].startswith("derived-")


def test_a_derived_message_id_tells_the_types_of_routes_apart():
    """Else a page of somebody would be taken for a resend of his identify, and be lost."""
    ids = {
        json.loads(judge(encode(body), RULES, route_type=kind))["messageId"]
        for kind in ("identify", "page", "screen")
        for body in ({"userId": "u"}, {"userId": "u", "type": kind}, {"userId": "u", "messageId": None})
    }
    assert len(ids) == 3


@pytest.mark.parametrize("field", ["properties", "traits", "context", "event"])
def test_nulls_where_readers_expect_something_are_left_out(field):
    stored = judge(encode(event(type="page", **{field: None})), RULES)
    assert field not in json.loads(stored)
    assert decode_events(Record(RecordKind.EVENTS, 1, 1, 1, stored))[0].type == "page"


def test_the_route_says_the_type():
    raw = encode({"event": "A", "userId": "u", "messageId": "m"})
    assert judge(raw, RULES, route_type="track") is raw
    assert refusal_of({"userId": "u"}, "track").field == "event"
    assert json.loads(judge(encode(event(type="identify")), RULES, route_type="track"))["type"] == "track"
    nulled = judge(encode(event(type=None)), RULES, route_type="track")
    meta = msgspec.json.encode(Meta(type="track"))
    assert decode_events(Record(RecordKind.EVENTS, 1, 1, 1, nulled, meta))[0].type == "track"


def test_the_ip_is_dropped_if_the_source_says_so():
    raw = encode(event(context={"ip": "1.2.3.4", "locale": "de"}))
    assert json.loads(judge(raw, Rules(CaptureSettings(), drop_ip=True)))["context"] == {"locale": "de"}
    assert judge(raw, RULES) is raw


def test_bots_are_left_out_if_the_source_says_so():
    raw = encode(event(context={"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}))
    assert judge(raw, Rules(CaptureSettings(), drop_bots=True)) is BOT
    assert judge(raw, RULES) is raw


def test_one_bad_event_costs_the_others_nothing():
    contents = [event(), {"type": "track"}, event(messageId=None), event(userId=[])]
    raws = msgspec.json.decode(encode(contents), type=list[msgspec.Raw])
    verdicts = judge_many(raws, RULES)
    assert [isinstance(verdict, Refusal) for verdict in verdicts] == [False, True, False, True]
    good = [verdict for verdict in verdicts if not isinstance(verdict, Refusal)]
    record = Record(RecordKind.EVENTS, 1, 1, 2, b"[%b]" % b",".join(good))
    assert len(decode_events(record)) == len(raw_events(record)) == 2


def test_a_batch_without_fault_is_judged_like_its_events_alone():
    contents = [event(), event(event=""), event(properties=None), event(context={"ip": "1"})]
    raws = msgspec.json.decode(encode(contents), type=list[msgspec.Raw])
    for verdict, raw in zip(judge_many(raws, RULES), raws, strict=True):
        alone = judge(bytes(raw), RULES)
        assert verdict == alone if isinstance(alone, Refusal) else bytes(verdict) == alone


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b'{"messageId":"m"}', "m"),
        (b'{"messageId":5}', "5"),
        (b'{"messageId":[]}', ""),
        (b"{", ""),
        (b"[]", ""),
    ],
)
def test_the_message_id_of_a_refused_event(raw, found):
    assert message_id_of(raw) == found
