"""The short form of a condition on the command line, for what needs no file.

    trait plan equals pro              event "Order Completed"
    trait age at_least 18              event "Order Completed" at_least 3 last 30 days
    trait email exists                 event "Order Completed" sum revenue at_least 100 last 90 days
    identifier phone                   event "Product Viewed" last 7 days where category equals shoes
    segment 4                          not event "Order Completed" last 30 days
    consent email                      consent "third parties" refused

In: one such text, or the JSON of a tree. Out: the tree as JSON; the API checks what it means.
"""

import shlex
from collections.abc import Sequence

from onefold.errors import OnefoldError
from onefold.model.json import JsonObject, JsonValue

VALUELESS = frozenset({"exists"})
LISTS = frozenset({"one_of", "between"})
"""Tests that take several values, with commas between them."""
BEHIND_TEST = frozenset({"last", "from", "where"})
"""Words of an event's window and filter: there, no test was given."""


def parse_conditions(texts: Sequence[str], *, any_of: bool) -> JsonObject:
    """Several of them in one tree.

    Raises:
        OnefoldError: `cli.bad_condition`.
    """
    parsed = [parse_condition(text) for text in texts]
    if len(parsed) == 1:
        return parsed[0]
    return {"kind": "any" if any_of else "all", "conditions": parsed}


def parse_condition(text: str) -> JsonObject:
    """One of them.

    Raises:
        OnefoldError: `cli.bad_condition`.
    """
    import msgspec

    if text.lstrip().startswith("{"):
        try:
            return msgspec.json.decode(text, type=JsonObject)
        except msgspec.DecodeError as error:
            raise _bad(text, f"it is not JSON ({error})") from error
    try:
        words = Words(text, shlex.split(text))
    except ValueError as error:
        raise _bad(text, "a quotation mark is missing") from error
    condition = _condition(words)
    words.expect_end()
    return condition


class Words:
    """The words of a condition, taken one by one."""

    def __init__(self, text: str, words: list[str]) -> None:
        self.text = text
        self._words = words

    def take(self, what: str) -> str:
        """The next word, which must be there."""
        if not self._words:
            raise _bad(self.text, f"{what} is missing at its end")
        return self._words.pop(0)

    def take_if(self, *words: str) -> str:
        """The next word if it is one of these."""
        return self._words.pop(0) if self._words and self._words[0] in words else ""

    def next(self) -> str:
        """The next word without taking it; nothing at the end."""
        return self._words[0] if self._words else ""

    def expect_end(self) -> None:
        """Nothing may be left."""
        if self._words:
            raise _bad(self.text, f"nothing is expected at {self._words[0]!r}")


def _condition(words: Words) -> JsonObject:
    kind = words.take("what it is about")
    match kind:
        case "not":
            return {"kind": "not", "condition": _condition(words)}
        case "trait":
            return {"kind": "trait", "trait": words.take("the trait"), **_test(words)}
        case "identifier":
            return {"kind": "identifier", "identifier": words.take("the kind of identifier")}
        case "consent":
            return _consent(words)
        case "segment":
            return {"kind": "segment", "segment_id": _whole(words, "the segment's id")}
        case "event":
            return _event(words)
    raise _bad(
        words.text, f"it begins with {kind!r}, not with trait, event, identifier, consent, segment or not"
    )


def _consent(words: Words) -> JsonObject:
    purpose = words.take("the purpose")
    state = words.take_if("consented", "refused", "unset") or "consented"
    return {"kind": "consent", "purpose": purpose, "state": state}


def _event(words: Words) -> JsonObject:
    condition: JsonObject = {"kind": "event", "event": words.take("the event's name")}
    if words.take_if("sum"):
        condition |= {"measure": "sum", "property": words.take("the property")}
    if words.next() and words.next() not in BEHIND_TEST:
        condition |= _test(words)
    if words.take_if("last"):
        amount = _whole(words, "how many hours or days")
        condition["window"] = {"kind": "last", "amount": amount, "unit": words.take("hours or days")}
    elif words.take_if("from"):
        start = words.take("the first day")
        if not words.take_if("to"):
            raise _bad(words.text, "`to` and the last day are missing")
        condition["window"] = {"kind": "dates", "start": start, "end": words.take("the last day")}
    if words.take_if("where"):
        condition["where"] = [_where(words)]
        while words.take_if("and"):
            condition["where"].append(_where(words))
    return condition


def _where(words: Words) -> JsonObject:
    return {"property": words.take("the property"), **_test(words)}


def _test(words: Words) -> JsonObject:
    test = words.take("the test, such as equals or at_least,")
    if test in VALUELESS:
        return {"test": test}
    text = words.take("the value")
    if test in LISTS:
        return {"test": test, "value": [_value(one) for one in text.split(",")]}
    return {"test": test, "value": _value(text)}


def _value(text: str) -> JsonValue:
    """A number, true or false as such; anything else is text."""
    import msgspec

    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    return value if isinstance(value, bool | int | float) else text


def _whole(words: Words, what: str) -> int:
    text = words.take(what)
    if not text.isdecimal():
        raise _bad(words.text, f"{what} is {text!r}, not a whole number")
    return int(text)


def _bad(text: str, why: str) -> OnefoldError:
    return OnefoldError(
        "cli.bad_condition",
        f"The condition `{text}` cannot be read: {why}.",
        hint='Such as: event "Order Completed" at_least 3 last 30 days. See: onefold segments create -h',
    )
