import pytest

from onefold.unify.mention import Mentions
from onefold.unify.normalise import Normaliser

KEYS = (
    "user_id:7",
    "anonymous_id:cookie-12345",
    "email:ada@example.org",
    "phone:+4930123456",
    "loyalty:A-1",
)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"userId": 7}',
        b'{"userId": "7"}',
        b'{"batch": [{"anonymousId": "cookie-12345"}]}',
        b'{"previousId": "7"}',
        b'{"context": {"externalIds": [{"type": "loyalty", "id": "A-1"}]}}',
        b'{"traits": {"loyalty": "A-1"}}',
        b'{"traits": {"note": "write to Ada@Example.ORG, please"}}',
        b"not json, but ada@example.org",
        b"not json, but cookie-12345",
        b'{"properties": {"call": "030 / 123456"}}',
        b'{"properties": {"call": "+49 (30) 12 34 56"}}',
        b"\xff\xfe{ada@example.org",
    ],
)
def test_a_payload_that_names_the_person_is_found(payload: bytes) -> None:
    assert Mentions(KEYS, Normaliser())(payload)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b'{"userId": "77"}',
        b'{"userId": "8", "properties": {"price": 7, "sku": "7", "loyal": "A-1"}}',
        b'{"traits": {"email": "not-ada@example.org"}}',
        b'{"traits": {"email": "ada@example.org.uk"}}'.replace(b".org.uk", b".organic"),
        b'{"properties": {"call": "123456"}}',
        b'{"properties": {"call": "0049 30 999999"}}',
        b"not json, and 7",
        b'{"userId": true}',
    ],
)
def test_a_payload_of_somebody_else_is_not(payload: bytes) -> None:
    assert not Mentions(KEYS, Normaliser())(payload)
