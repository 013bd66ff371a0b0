"""From a request's bytes to JSON that may be looked at: bounded inflation, and what the bytes must be.

In: body and Content-Encoding (Content-Type is never believed: browsers send text/plain, Rudder's node
client a form). Out: UTF-8 JSON bytes, or a `RequestRefused`.
"""

import zlib

from onefold.capture.refusal import RequestRefused

BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS


def plain_body(body: bytes, encoding: bytes, bytes_max: int) -> bytes:
    """The body inflated, at most `bytes_max`, and without a byte order mark.

    Raises:
        RequestRefused: it cannot be inflated (400), or is larger than allowed (413).
    """
    if (encoding and encoding != b"identity") or body[:2] == _GZIP:
        body = _inflate(body, encoding.strip().lower(), bytes_max)
    return body.removeprefix(BOM)


def too_large(bytes_max: int) -> RequestRefused:
    """The body is over the limit."""
    return RequestRefused(
        413,
        "capture.body_too_large",
        f"The body is larger than {bytes_max} bytes.",
        "Send smaller batches, or raise capture.body_bytes_max.",
    )


def _inflate(body: bytes, encoding: bytes, bytes_max: int) -> bytes:
    if encoding not in (b"", b"gzip", b"x-gzip", b"deflate", b"identity"):
        raise RequestRefused(
            400,
            "capture.unsupported_encoding",
            f"Content-Encoding {encoding[:40].decode('ascii', 'replace')} is not supported.",
            "Send gzip, deflate, or no encoding.",
        )
    # Some clients name the encoding although a proxy has undone it already.
    if body[:1] in (b"{", b"["):
        return body
    raw_deflate = encoding == b"deflate" and not _is_zlib(body)
    inflater = zlib.decompressobj(_RAW_DEFLATE if raw_deflate else _GZIP_OR_ZLIB)
    try:
        # One byte more than allowed tells a body that is too large from one that just fits.
        inflated = inflater.decompress(body, bytes_max + 1)
    except zlib.error:
        inflated = b""
    if len(inflated) > bytes_max:
        raise too_large(bytes_max)
    if not inflater.eof:
        raise RequestRefused(
            400,
            "capture.invalid_encoding",
            "The body cannot be decompressed: it is damaged or cut off.",
            "Send it again; Content-Encoding must say how it was compressed.",
        )
    return inflated


def _is_zlib(body: bytes) -> bool:
    return len(body) >= 2 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
