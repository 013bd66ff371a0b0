"""Bodies: compression, its limits, and what stands in front of the JSON."""

import gzip
import zlib

import pytest

from onefold.capture.body import plain_body
from onefold.capture.refusal import RequestRefused

BODY = b'{"a":"' + b"x" * 1000 + b'"}'


def raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


@pytest.mark.parametrize(
    ("sent", "encoding"),
    [
        (BODY, b""),
        (BODY, b"identity"),
        (gzip.compress(BODY, mtime=0), b"gzip"),
        (gzip.compress(BODY, mtime=0), b"x-gzip"),
        (gzip.compress(BODY, mtime=0), b"GZIP"),
        (gzip.compress(BODY, mtime=0), b""),
        (zlib.compress(BODY), b"deflate"),
        (raw_deflate(BODY), b"deflate"),
        (b"\xef\xbb\xbf" + BODY, b""),
        (gzip.compress(b"\xef\xbb\xbf" + BODY, mtime=0), b"gzip"),
        (BODY, b"gzip"),
    ],
)
def test_every_encoding_gives_the_json(sent, encoding):
    assert plain_body(sent, encoding, len(BODY) + 3) == BODY


@pytest.mark.parametrize(
    ("sent", "encoding", "status", "code"),
    [
        (b"\x1f\x8bnonsense", b"gzip", 400, "capture.invalid_encoding"),
        (gzip.compress(BODY, mtime=0)[:-9], b"gzip", 400, "capture.invalid_encoding"),
        (b"", b"gzip", 400, "capture.invalid_encoding"),
        (BODY, b"br", 400, "capture.unsupported_encoding"),
        (gzip.compress(b"0" * 50_000_000, mtime=0), b"gzip", 413, "capture.body_too_large"),
        (gzip.compress(b"0" * 2001, mtime=0), b"gzip", 413, "capture.body_too_large"),
    ],
)
def test_what_cannot_be_inflated_is_refused(sent, encoding, status, code):
    with pytest.raises(RequestRefused) as refused:
        plain_body(sent, encoding, 2000)
    assert (refused.value.status, refused.value.refusal.code) == (status, code)


def test_a_body_that_just_fits_is_taken():
    assert len(plain_body(gzip.compress(b"0" * 2000), b"gzip", 2000)) == 2000
