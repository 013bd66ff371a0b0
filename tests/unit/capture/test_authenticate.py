"""The write key, from wherever an SDK puts it."""

import base64

import pytest

from onefold.capture.authenticate import Authenticator, named_key
from onefold.capture.refusal import RequestRefused
from onefold.model.source import Source
from onefold.testing.sources import FixedDirectory

SHOP = Source(1, "shop")


def basic(text: str) -> bytes:
    return b"Basic " + base64.b64encode(text.encode())


@pytest.fixture
def directory():
    return FixedDirectory({"wk": SHOP})


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({b"authorization": basic("wk:")}, b""),
        ({b"authorization": basic("wk")}, b""),
        ({b"authorization": basic("wk:password")}, b""),
        ({b"authorization": b"basic  " + base64.b64encode(b"wk:")}, b""),
        ({b"authorization": b"Basic wk:"}, b""),
        ({b"x-write-key": b"wk"}, b""),
        ({b"x-write-key": b"wk:secret"}, b""),
        ({b"authorization": b"Bearer token", b"x-write-key": b"wk"}, b""),
        ({}, b"x=1&writeKey=wk"),
    ],
)
def test_the_key_is_found(directory, headers, query):
    assert Authenticator(directory).from_request(headers, query) is SHOP
    assert named_key(headers, query) in ("wk", "wk:secret")


@pytest.mark.parametrize("headers", [{}, {b"authorization": b"Bearer token"}, {b"authorization": b"Basic "}])
def test_a_request_that_names_none_says_so(directory, headers):
    assert Authenticator(directory).from_request(headers, b"") is None


def test_a_key_with_a_colon_of_its_own_comes_first(directory):
    other = Source(2, "other")
    directory.put("wk:b", other)
    assert Authenticator(directory).source_of("wk:b") is other


@pytest.mark.parametrize("authorization", [basic("nobody:"), basic("x" * 5000), b"Basic \xff\xfe"])
def test_unknown_keys_are_refused(directory, authorization):
    with pytest.raises(RequestRefused) as refused:
        Authenticator(directory).from_request({b"authorization": authorization}, b"")
    assert (refused.value.status, refused.value.refusal.code) == (401, "capture.unknown_write_key")


def test_a_change_of_the_directory_counts_at_once(directory):
    authenticator = Authenticator(directory)
    header = basic("wk:")
    assert authenticator.from_header(header) is SHOP
    directory.put("wk", SHOP, key_enabled=False)
    with pytest.raises(RequestRefused) as refused:
        authenticator.from_header(header)
    assert refused.value.refusal.code == "capture.disabled_write_key"
    directory.put("wk", Source(1, "shop", enabled=False))
    with pytest.raises(RequestRefused):
        authenticator.from_header(header)
    directory.put("wk", SHOP)
    assert authenticator.from_header(header) is SHOP
