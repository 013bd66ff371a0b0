"""Dead letters of capture, judged again."""

import json

import msgspec

from onefold.capture.refusal import Refusal
from onefold.capture.replay import replay_letter
from onefold.capture.settings import CaptureSettings
from onefold.clock import DAY, SECOND, from_iso
from onefold.model.event import decode_events, decode_meta, occurred_at
from onefold.model.letter import Letter
from onefold.model.source import Source

AT = from_iso("2026-11-20T12:00:00Z")
LETTER = Letter("capture-7", "capture", "capture.missing_field", "event", "", "", AT, 1, "m", "")


def replay(payload, received_at=AT + 3 * DAY):
    return replay_letter(LETTER, payload, Source(1, "shop"), CaptureSettings(), received_at=received_at)


def test_a_letter_that_is_still_wrong_stays_refused():
    assert isinstance(replay('{"type":"track","userId":"u"}'), Refusal)
    assert isinstance(replay('{"type":"track"… [cut: 16 of 99 bytes kept]'), Refusal)


def test_a_mended_letter_becomes_a_record_that_names_it():
    record = replay('{"type":"track","event":"A","userId":"u","messageId":"m"}')
    assert decode_meta(record).replay_of == "capture-7"
    assert (record.source_id, record.received_at, record.count) == (1, AT + 3 * DAY, 1)


def test_an_event_without_a_time_happened_when_it_first_came():
    record = replay('{"type":"track","event":"A","userId":"u"}')
    (event,) = decode_events(record)
    sent_at = decode_meta(record).sent_at
    assert occurred_at(event, received_at=record.received_at, sent_at=sent_at) == AT


def test_the_clients_clock_is_corrected_by_the_first_receipt():
    # Its clock is an hour fast: what it calls 12:59:50 was 11:59:50.
    payload = {"type": "track", "event": "A", "userId": "u"}
    payload |= {"timestamp": "2026-11-20T12:59:50Z", "sentAt": "2026-11-20T13:00:00Z"}
    record = replay(json.dumps(payload))
    (event,) = decode_events(record)
    sent_at = decode_meta(record).sent_at
    assert occurred_at(event, received_at=record.received_at, sent_at=sent_at) == AT - 10 * SECOND


def test_what_an_import_refused_may_be_a_guests_and_larger_than_what_is_sent():
    event = {"type": "track", "event": "A", "messageId": "f:2", "properties": {"x": ["y" * 100] * 1000}}
    payload = json.dumps(event)
    letter = msgspec.structs.replace(LETTER, code="acquire.bad_time")
    settings = CaptureSettings()
    record = replay_letter(letter, payload, Source(1, "import:f"), settings, received_at=AT)
    assert decode_events(record)[0].message_id == "f:2"
    assert isinstance(replay(payload), Refusal)
