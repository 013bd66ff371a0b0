"""What a template may use: filters, functions, methods of values, each bounded in what it makes.

In: values of a person or an event. Out: values. Nothing here reads files, imports, or calls what it is given.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, quote_plus
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment, Undefined

from onefold.clock import SECOND, from_iso
from onefold.connectors.http.fault import TemplateFaultError

TEXT_CHARS_MAX = 100_000
"""Of any text on the way, and so of a request: more than an API takes of one person (Braze: 50 KB). A slice
makes a thousand requests at worst, all in memory."""
RANGE_MAX = 1000
_FORMAT = re.compile(r"^(?:[^%]|%[aAbBdHIjmMpSuUVwyYzZ%f])*$")

TEXT_METHODS = frozenset(
    {"split", "lower", "upper", "strip", "lstrip", "rstrip", "startswith", "endswith", "isdigit", "title"}
)
OBJECT_METHODS = frozenset({"items", "keys", "values", "get"})
LOOP_NAMES = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})
KEPT_FILTERS = frozenset(
    {
        *("default", "d", "lower", "upper", "title", "capitalize", "trim", "length", "count", "first"),
        *("last", "round", "int", "float", "abs", "sort", "unique", "map", "select", "reject", "list"),
        *("selectattr", "rejectattr", "min", "max", "sum", "dictsort", "items", "truncate"),
    }
)
"""Of those that the template language has."""
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Secret:
    """A secret's place in a request: its value is filled in when the request leaves."""

    __slots__ = ("marker", "name")

    def __init__(self, marker: str, name: str = "") -> None:
        self.marker = marker
        self.name = name
        """Empty for what is made of secrets."""

    def __str__(self) -> str:
        return self.marker


class JsonText(str):
    """A text that is JSON already."""

    __slots__ = ()


class UrlText(str):
    """A text that is encoded for a URL already."""

    __slots__ = ()


def encode(value: Any) -> str:
    """A value as JSON.

    Raises:
        TemplateFaultError: it has no JSON.
    """
    demand(value)
    if isinstance(value, Secret):
        return f'"{value.marker}"'
    try:
        return _encode(value).decode()
    except (TypeError, ValueError) as error:
        raise TemplateFaultError(f"A value of type {type(value).__name__} has no JSON.") from error


def demand(value: Any) -> Any:
    """The value, if it is there.

    Raises:
        UndefinedError: it is not.
    """
    if isinstance(value, Undefined):
        str(value)
    return value


def text_of(value: Any) -> str:
    """A value as people write it: true, 2.5, and lists and objects as JSON; nothing for none."""
    demand(value)
    if value is None:
        return ""
    if isinstance(value, str | Secret):
        return bounded(str(value))
    return encode(value)


def bounded(text: str) -> str:
    """The text, if it is not too long.

    Raises:
        TemplateFaultError: it is.
    """
    if len(text) > TEXT_CHARS_MAX:
        raise TemplateFaultError(f"A text grows beyond {TEXT_CHARS_MAX:,} characters.")
    return text


# -- by place ------------------------------------------------------------------------------------------


def json_value(value: Any) -> str:
    """Where JSON expects a value."""
    return str(value) if isinstance(value, JsonText) else encode(value)


def json_text(value: Any) -> str:
    """Between the quotes of a JSON text."""
    return msgspec.json.encode(text_of(value)).decode()[1:-1]


def url_text(value: Any) -> str:
    """One part of a path, or one value of a query: never more."""
    return str(value) if isinstance(value, UrlText) else quote(text_of(value), safe="")


def form_text(value: Any) -> str:
    """A value of a form's body."""
    return quote_plus(text_of(value))


# -- filters -------------------------------------------------------------------------------------------


def _join(values: Iterable[Any], separator: str = "") -> str:
    pieces = [text_of(value) for value in values]
    if sum(map(len, pieces)) + len(pieces) * len(separator) > TEXT_CHARS_MAX:
        raise TemplateFaultError(f"A text grows beyond {TEXT_CHARS_MAX:,} characters.")
    return separator.join(pieces)


def _replace(value: Any, old: str, new: str) -> str:
    text, new = text_of(value), text_of(new)
    if old and (text.count(old) + 1) * len(new) + len(text) > TEXT_CHARS_MAX:
        raise TemplateFaultError(f"A text grows beyond {TEXT_CHARS_MAX:,} characters.")
    return text.replace(old, new) if old else text


def _sha256(value: Any) -> str:
    if isinstance(value, Secret):
        raise TemplateFaultError("A secret cannot be hashed: its value is filled in later.")
    return hashlib.sha256(text_of(value).encode()).hexdigest()


def _b64encode(value: Any) -> str:
    if isinstance(value, Secret):
        raise TemplateFaultError("For a secret use basic_auth(user, secret).")
    return base64.b64encode(text_of(value).encode()).decode()


def _date(value: Any, form: str = "%Y-%m-%d", zone: str = "UTC") -> str:
    """A time, ISO 8601 or seconds since 1970, in another form."""
    demand(value)
    if len(form) > 100 or not _FORMAT.match(form):
        raise TemplateFaultError("A form of a date has plain letters such as %Y-%m-%d %H:%M.")
    try:
        at = from_iso(value) if isinstance(value, str) else int(value * SECOND)
        moment = datetime.fromtimestamp(at // SECOND, UTC).astimezone(ZoneInfo(zone))
    except (ValueError, TypeError, OverflowError, OSError, KeyError) as error:
        raise TemplateFaultError("The filter date needs a time, and a time zone if any.") from error
    return moment.strftime(form)


def _to_json(value: Any) -> JsonText:
    return JsonText(encode(value))


def _path(value: Any) -> UrlText:
    """Several parts of a path, with the slashes between them."""
    return UrlText(quote(text_of(value), safe="/"))


def _range(*bounds: int) -> range:
    found = range(*bounds)
    if len(found) > RANGE_MAX:
        raise TemplateFaultError(f"A range has at most {RANGE_MAX} numbers.")
    return found


FILTERS: dict[str, Callable[..., Any]] = {
    "join": _join,
    "replace": _replace,
    "sha256": _sha256,
    "b64encode": _b64encode,
    "date": _date,
    "tojson": _to_json,
    "string": text_of,
    "urlencode": url_text,
    "path": _path,
}
PLACES: dict[str, Callable[..., str]] = {
    "_json_value": json_value,
    "_json_text": json_text,
    "_url": url_text,
    "_form": form_text,
    "_plain": text_of,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {"range": _range}


def teach(environment: Environment) -> None:
    """Leave the environment nothing but these."""
    kept = {name: found for name, found in environment.filters.items() if name in KEPT_FILTERS}
    environment.filters = {**kept, **FILTERS, **PLACES}
    environment.globals = dict(FUNCTIONS)
    for name in ("filter", "test"):
        environment.tests.pop(name, None)
