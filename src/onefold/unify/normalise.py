"""What a client calls an identifier, turned into the one form under which it is matched, or refused.

In: a kind and a value as sent. Out: the stored value, or "" when it identifies nobody. Values are
normalised to match only; traits keep what was sent.

The blocked values unite the lists that Segment and PostHog publish (their documentation, November 2025):
what broken clients send instead of an id. Without them one profile swallows a large part of all events.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import phonenumbers

from onefold.model.identifier import EMAIL, PHONE

VALUE_CHARS_MAX = 400
"""A longer value is no identifier: it would only bloat the index."""
KIND_CHARS_MAX = 50
QUOTES = 4
"""Quotes around a blocked value that are looked through."""
PHONES_CACHED = 20_000
"""Parsing a number costs 50 µs; the same ones come again and again."""

BLOCKED = frozenset(
    (
        *("anonymous", "guest", "distinctid", "distinct_id", "id", "not_authenticated", "email", "undefined"),
        *("true", "false", "nan", "none", "null", "(null)", "<null>", "nil", "n/a", "-1", "unknown"),
        *("user_id", "userid", "anonymous_id", "anonymousid", "[object object]"),
    )
)
"""Compared without case, space and quotes around."""
BLOCKED_MAILBOXES = frozenset({"noreply", "no-reply", "donotreply", "do-not-reply", "test"})
"""Mailboxes that many people share, whatever the domain."""

_KIND = re.compile(r"[A-Za-z0-9_.\-]+")


class Normaliser:
    """The rules of one workspace."""

    __slots__ = ("_blocked", "_blocked_chars", "_region")

    def __init__(self, *, phone_region: str = "", blocked_values: Iterable[str] = ()) -> None:
        self._region = phone_region or None
        self._blocked = BLOCKED | folded(blocked_values)
        # Longer values need no look, unless they are all zeros: spares half the cost for most ids.
        self._blocked_chars = max(map(len, self._blocked)) + QUOTES

    def value(self, kind: str, given: str | int | float) -> str:
        """The stored value, or "" for one that is blocked or cannot be of this kind."""
        text = given if type(given) is str else _text(given)
        text = text.strip()
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        # SQLite ends a text at a zero character in places: two ids must not meet there.
        if not text or len(text) > VALUE_CHARS_MAX or "\0" in text:
            return ""
        if (len(text) <= self._blocked_chars or text[0] in "0-") and self._is_blocked(text.lower()):
            return ""
        if kind == EMAIL:
            return _email(text)
        if kind == PHONE:
            return _phone(text, self._region)
        return text

    def _is_blocked(self, text: str) -> bool:
        bare = bare_of(text)
        # Zeros and dashes only: 0, 000, and the UUID that is all zeros.
        return bare in self._blocked or not bare.strip("0-")


def folded(values: Iterable[str]) -> set[str]:
    """Blocked values as they are compared."""
    return {value.strip().lower() for value in values}


def bare_of(text: str) -> str:
    """A value without the quotes around it: in small letters it is looked for among blocked ones."""
    return text.strip("\"'` ")


def kind_of(given: object) -> str:
    """The kind that a client names in `externalIds`, or "" if it cannot be one."""
    if type(given) is not str or len(given) > KIND_CHARS_MAX or not _KIND.fullmatch(given):
        return ""
    return given


def _text(given: str | int | float) -> str:
    # A JSON encoder may write the id 7 as 7.0: the same id.
    return str(int(given)) if type(given) is float and given.is_integer() else str(given)


def _email(text: str) -> str:
    mailbox, at, domain = text.lower().rpartition("@")
    if not at or not mailbox or not domain or mailbox in BLOCKED_MAILBOXES:
        return ""
    return "" if "@" in mailbox or any(letter.isspace() for letter in text) else f"{mailbox}@{domain}"


@lru_cache(PHONES_CACHED)
def _phone(text: str, region: str | None) -> str:
    """E.164."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
