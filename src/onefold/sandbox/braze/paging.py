"""Reading the parameters by which lists are paged: page numbers, cursors, offsets, lengths, directions.

In: the decoded query. Out: the value, or None when it is not valid.
"""

from __future__ import annotations

import base64
import binascii
from typing import Literal, NamedTuple
from urllib.parse import urlencode

from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.journal import Entry

# Pages beyond this are refused rather than computed with.
NUMBER_DIGITS_MAX = 9


class Slice(NamedTuple):
    """A part of a list: how many, from which place."""

    limit: int
    offset: int

    def window(self) -> slice:
        """Return it as an index."""
        return slice(self.offset, self.offset + self.limit)


def read_number(query: JsonObject, name: str, default: int) -> int | None:
    """Return a whole number that is not negative."""
    value = query.get(name, default)
    if isinstance(value, int):
        return value
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        return None
    return int(value) if len(value) <= NUMBER_DIGITS_MAX else None


def read_page(query: JsonObject) -> int | None:
    """Return the page, 0 when it is not said."""
    return read_number(query, "page", 0)


def read_length(query: JsonObject, length_max: int) -> int | None:
    """Return the required `length` between 1 and `length_max`."""
    length = read_number(query, "length", 0)
    return length if length is not None and 1 <= length <= length_max else None


def read_slice(query: JsonObject, default: int, limit_max: int) -> Slice | None:
    """Return `limit` and `offset`."""
    limit, offset = read_number(query, "limit", default), read_number(query, "offset", 0)
    if limit is None or offset is None or not 1 <= limit <= limit_max:
        return None
    return Slice(limit, offset)


def read_direction(query: JsonObject) -> Literal["asc", "desc"] | None:
    """Return the direction, oldest first when it is not said."""
    value = query.get("sort_direction", "asc")
    if value == "asc":
        return "asc"
    return "desc" if value == "desc" else None


def read_cursor(query: JsonObject) -> int | None:
    """Return the place that a cursor stands for, 0 without one."""
    value = query.get("cursor")
    if value is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(str(value).encode()).decode()
    except (binascii.Error, UnicodeError, ValueError):
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX else None


def next_link(entry: Entry, place: int) -> tuple[tuple[bytes, bytes], ...]:
    """Return the `Link` header that leads to the page that starts at `place`."""
    cursor = base64.urlsafe_b64encode(str(place).encode()).decode()
    url = f"{base_url(entry)}{entry.path}?{urlencode({'cursor': cursor})}"
    return ((b"link", f'<{url}>; rel="next"'.encode("latin-1")),)


def base_url(entry: Entry) -> str:
    """Return the address under which the caller reached us."""
    return f"http://{entry.header(b'host') or 'localhost'}"
