"""Whose request is this? The write key from wherever an SDK puts it, and the source that it names.

In: headers, query and body. Out: the `Source`, or a `RequestRefused` (401). Looked for in this order: Basic
(user name; the colon may be missing), X-Write-Key (`id:secret` counts as `id`), query, body. A Bearer
token is not ours to check: those clients put the key into the body.
"""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import parse_qs

from onefold.capture.directory import Entry, SourceDirectory
from onefold.capture.refusal import RequestRefused
from onefold.model.source import Source

REMEMBERED_MAX = 10_000
"""Headers remembered with what they led to; unknown ones are not, so strangers cannot fill it."""
KEY_CHARS_MAX = 256
"""Longer is no write key of ours."""


class Authenticator:
    """Remembers header → source until the directory changes."""

    def __init__(self, directory: SourceDirectory) -> None:
        self._directory = directory
        self._revision = directory.revision
        self._remembered: dict[bytes, Source] = {}

    def from_header(self, authorization: bytes) -> Source | None:
        """The source of an Authorization header; None if it names no write key (absent, Bearer).

        Raises:
            RequestRefused: it names one that is unknown or disabled.
        """
        if self._directory.revision != self._revision:
            self._revision = self._directory.revision
            self._remembered.clear()
        source = self._remembered.get(authorization)
        if source is not None:
            return source
        write_key = _basic_user(authorization)
        if not write_key:
            return None
        source = self.source_of(write_key)
        if len(self._remembered) >= REMEMBERED_MAX:
            self._remembered.clear()
        self._remembered[authorization] = source
        return source

    def from_request(self, headers: Mapping[bytes, bytes], query: bytes) -> Source | None:
        """The source named outside of the body; None if none is.

        Raises:
            RequestRefused: one is named that is unknown or disabled.
        """
        source = self.from_header(headers[b"authorization"]) if b"authorization" in headers else None
        if source is not None:
            return source
        write_key = named_key(headers, query)
        return self.source_of(write_key) if write_key else None

    def source_of(self, write_key: str) -> Source:
        """The source that a write key names; `id:secret` is tried as `id`, too.

        Raises:
            RequestRefused: there is no such key, or it is disabled.
        """
        entry = self._lookup(write_key)
        if entry is None:
            raise RequestRefused(
                401,
                "capture.unknown_write_key",
                "This write key does not exist.",
                "Copy it from the source's page, or from `onefold sources list`.",
            )
        if not entry.is_enabled:
            raise RequestRefused(
                401,
                "capture.disabled_write_key",
                "This write key is disabled.",
                "Use the source's current key, or enable this one.",
            )
        return entry.source

    def _lookup(self, write_key: str) -> Entry | None:
        if len(write_key) > KEY_CHARS_MAX:
            return None
        entry = self._directory.lookup(write_key)
        if entry is None and ":" in write_key:
            entry = self._directory.lookup(write_key.partition(":")[0])
        return entry


def named_key(headers: Mapping[bytes, bytes], query: bytes) -> str:
    """The write key that headers or query name; empty if neither does."""
    write_key = _basic_user(headers.get(b"authorization", b""))
    write_key = write_key or headers.get(b"x-write-key", b"").decode("latin-1")
    if not write_key and b"writeKey" in query:
        write_key = parse_qs(query.decode("latin-1")).get("writeKey", [""])[-1]
    return write_key


def bearer_key(headers: Mapping[bytes, bytes]) -> str:
    """The write key that a destination sends as its token; empty if it sends none."""
    scheme, _, token = headers.get(b"authorization", b"").strip().partition(b" ")
    return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""


def missing_write_key() -> RequestRefused:
    """Nothing in the request names a source."""
    return RequestRefused(
        401,
        "capture.missing_write_key",
        "The request names no write key.",
        "Send it as the user name of Basic authentication, or as writeKey in the body.",
    )


def _basic_user(authorization: bytes) -> str:
    scheme, _, credentials = authorization.strip().partition(b" ")
    if scheme.lower() != b"basic":
        return ""
    try:
        user = base64.b64decode(credentials.strip(), validate=True)
    except binascii.Error:
        # Some send the key itself where its base64 belongs.
        user = credentials.strip()
    return user.decode("utf-8", "replace").partition(":")[0]
