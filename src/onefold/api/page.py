"""Lists in pages: `limit` and an opaque `cursor` in, `items` and `next_cursor` out.

A cursor is the sort key of the last item shown, so a page costs the same wherever it is, and what is
added meanwhile neither repeats nor hides an item.
"""

import base64
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from onefold.errors import RequestError

Item = TypeVar("Item")
Shown = TypeVar("Shown")

ITEMS_MAX = 1000
"""A page holds at most so many: bounds memory and the time of an answer."""
ITEMS_DEFAULT = 50
NUMBER_DIGITS_MAX = 18
"""More digits are no id of ours: SQLite's whole numbers end at 19."""
ID_MAX = 10**NUMBER_DIGITS_MAX - 1

Limit = Annotated[int, QueryParameter(ge=1, le=ITEMS_MAX, description="Most items of this page.")]
Cursor = Annotated[str, QueryParameter(max_length=2000, description="`next_cursor` of the page before.")]


class Page(msgspec.Struct, Generic[Item], frozen=True):
    """Some items; `next_cursor` is null on the last page."""

    items: list[Item]
    next_cursor: str | None


def read_cursor(cursor: str) -> str:
    """The key inside a cursor; empty for the first page.

    Raises:
        RequestError: it is none of ours.
    """
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise RequestError("api.bad_cursor", "That cursor is not one of ours.", field="cursor") from error


def read_number(cursor: str) -> int:
    """The same for keys that are numbers; 0 for the first page."""
    key = read_cursor(cursor)
    if not key:
        return 0
    if not key.isdecimal() or len(key) > NUMBER_DIGITS_MAX:
        raise RequestError("api.bad_cursor", "That cursor is not one of ours.", field="cursor")
    return int(key)


def write_cursor(key: str | int) -> str:
    """A cursor of a key."""
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def page_of(
    found: Sequence[Item], limit: int, key: Callable[[Item], str | int], show: Callable[[Item], Shown]
) -> Page[Shown]:
    """A page of what was found; `found` holds one more than `limit` if there is a next page."""
    shown = found[:limit]
    following = write_cursor(key(shown[-1])) if len(found) > limit else None
    return Page([show(item) for item in shown], following)
