"""Whether a text that could not become an event names a person: dead letters hold what was refused.

In: identifier keys of the person, and a payload, which may be anything. Out: true or false. What says plainly
that it is somebody's identifier counts at the places where events carry identifiers; an e-mail address or a
phone number counts wherever it stands, since nobody shares one by chance.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

import msgspec

from onefold.model.identifier import ANONYMOUS_ID, EMAIL, PHONE, USER_ID, parse_key
from onefold.model.json import JsonValue
from onefold.unify.normalise import Normaliser

PLACES = {
    "userId": (USER_ID,),
    "user_id": (USER_ID,),
    "anonymousId": (ANONYMOUS_ID,),
    "anonymous_id": (ANONYMOUS_ID,),
    "previousId": (USER_ID, ANONYMOUS_ID),
    "previous_id": (USER_ID, ANONYMOUS_ID),
}
"""Fields of an event that hold an identifier, wherever they stand."""
NUMBER_DIGITS_MIN = 7
"""Shorter runs of digits are no phone number."""
DEPTH_MAX = 100
"""Deeper payloads are searched as text."""
TOKEN_CHARS_MIN = 6
"""Shorter identifiers are looked for only where a payload can be read: as text they would be everywhere."""

_PHONE = re.compile(r"\+?[\d(][\d\s().\-/]{5,30}\d")


class Mentions:
    """Looks for one person."""

    def __init__(self, keys: Iterable[str], normaliser: Normaliser) -> None:
        self._keys = frozenset(keys)
        self._normaliser = normaliser
        known = [parse_key(key) for key in self._keys]
        self._emails = [one.value for one in known if one.kind == EMAIL]
        self._phones = [one.value.lstrip("+") for one in known if one.kind == PHONE]
        self._kinds = frozenset(one.kind for one in known)
        self._values = frozenset(one.value.lower() for one in known)
        self._tokens = [one.value for one in known if len(one.value) >= TOKEN_CHARS_MIN]

    def __call__(self, payload: bytes) -> bool:
        """Whether the payload names the person."""
        text = payload.decode("utf-8", "replace")
        if self._names_plainly(text):
            return True
        try:
            content = msgspec.json.decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return any(token in text for token in self._tokens)
        return any(key in self._keys for key in self._identifiers(content, 0))

    def in_text(self, text: str) -> bool:
        """Whether a text of any form names the person, as a file of rows does."""
        return self._names_plainly(text) or any(token in text for token in self._tokens)

    def in_search(self, text: str) -> bool:
        """Whether what somebody searches for is one of the identifiers, however short, or holds one."""
        return text.strip().lower() in self._values or self.in_text(text)

    def _names_plainly(self, text: str) -> bool:
        folded = text.lower()
        if any(_stands_alone(email, folded) for email in self._emails):
            return True
        if not self._phones:
            return False
        numbers = ("".join(filter(str.isdecimal, found)) for found in _PHONE.findall(text))
        return any(self._is_phone(number) for number in numbers)

    def _is_phone(self, digits: str) -> bool:
        """As written with or without the country: the stored form ends like it."""
        digits = digits.lstrip("0")
        return len(digits) >= NUMBER_DIGITS_MIN and any(phone.endswith(digits) for phone in self._phones)

    def _identifiers(self, value: JsonValue, depth: int) -> Iterator[str]:
        """Keys of whatever stands where events carry identifiers."""
        if depth > DEPTH_MAX:
            return
        if isinstance(value, list):
            for one in value:
                yield from self._identifiers(one, depth + 1)
        elif isinstance(value, dict):
            for name, one in value.items():
                kinds = PLACES.get(name) or ((name,) if name in self._kinds else ())
                yield from self._as_keys(kinds, one)
                yield from self._identifiers(one, depth + 1)
            # An entry of `externalIds` says its kind itself.
            kind = value.get("type")
            if isinstance(kind, str) and kind in self._kinds:
                yield from self._as_keys((kind,), value.get("id"))

    def _as_keys(self, kinds: Iterable[str], given: JsonValue) -> Iterator[str]:
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            return
        for kind in kinds:
            with suppress(ValueError, OverflowError):
                yield f"{kind}:{self._normaliser.value(kind, given)}"


def _stands_alone(email: str, text: str) -> bool:
    """Whether the address is there, and not only the end or beginning of a longer one."""
    start = text.find(email)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(email) : start + len(email) + 1]
        if not (before.isalnum() or (before and before in "._-+")) and not (after.isalnum() or after == "-"):
            return True
        start = text.find(email, start + 1)
    return False
