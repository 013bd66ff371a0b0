"""What a provider answered about an item, kept with its dead letter: cut, and without the person's values.

Providers repeat what they refuse. The letter holds the item anyway; its answer is also shown in traces and
copied into tickets, so e-mail addresses, long numbers and every value of the item itself are masked.
"""

import re
from collections.abc import Iterator

import msgspec

from onefold.model.json import JsonValue

ANSWER_CHARS_MAX = 500
"""Two sentences and a code; 100,000 letters hold at most 50 MB of answers."""
RAW_CHARS_MAX = 20_000
"""Looked at before the cut: masking costs with the length."""
VALUES_MAX = 200
VALUE_CHARS_MIN = 3
"""Shorter ones would mask what has nothing to do with them."""
MASK = "***"
_EMAIL = re.compile(r"[^\s\"'<>@,;:=]+@[^\s\"'<>@,;]+")
_NUMBER = re.compile(r"(?<![\w-])\+?\d[\d ().-]{5,}\d(?![\w-])")
"""Telephones and the like; not the digits within a request's id, which support asks for."""


def sample_answer(answer: str, body: bytes) -> str:
    """The answer about the item with this body, safe to show."""
    if not answer:
        return ""
    text = answer[:RAW_CHARS_MAX]
    for value in sorted(_values(body), key=len, reverse=True)[:VALUES_MAX]:
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", MASK, text)
    text = _NUMBER.sub(MASK, _EMAIL.sub(MASK, text))
    return text if len(text) <= ANSWER_CHARS_MAX else text[: ANSWER_CHARS_MAX - 1] + "…"


def _values(body: bytes) -> set[str]:
    """Texts and numbers that the item holds; names of fields are no one's secret."""
    try:
        return set(_walk(msgspec.json.decode(body)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return set()


def _walk(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)
    elif value is not None and not isinstance(value, bool) and len(str(value)) >= VALUE_CHARS_MIN:
        yield str(value)
