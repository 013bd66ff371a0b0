"""Profile values as Braze will store them, so that what we compare is what they hold.

In: a field, a value of the profile, the type that the mapping states. Out: the value to send, or why it
cannot be. Braze ignores most wrong values without a word, so they are refused here, where someone sees it.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from zoneinfo import available_timezones

import msgspec

from onefold.clock import to_iso
from onefold.connectors.braze.limits import (
    DEPTH_MAX,
    IMAGE_URL_CHARS_MAX,
    INTEGER_MAX,
    LIST_ITEMS_MAX,
    TEXT_CHARS_MAX,
    VALUE_BYTES_MAX,
    YEAR_MAX,
)
from onefold.connectors.braze.tables import COUNTRIES, COUNTRY_OF_NAME, LANGUAGES
from onefold.model.event import parse_time
from onefold.model.json import JsonObject, JsonValue
from onefold.model.mapping import ValueType
from onefold.plugin import Refusal

EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@.,;<>\"]{2,}")
_TRUE = frozenset({"true", "t", "1", "yes"})
_FALSE = frozenset({"false", "f", "0", "no"})
_GENDERS = {
    "m": "M",
    "male": "M",
    "man": "M",
    "f": "F",
    "female": "F",
    "woman": "F",
    "o": "O",
    "other": "O",
    "n": "N",
    "not applicable": "N",
    "p": "P",
    "prefer not to say": "P",
}
_STATES = frozenset({"opted_in", "subscribed", "unsubscribed"})
_OPERATIONS = frozenset({"add", "inc", "remove"})
"""An object of these alone is no value for Braze but an order to change the old one: sent twice, it counts
twice."""


class WrongValueError(ValueError):
    """What the field takes instead."""


def normalise(field: str, value: JsonValue, as_type: ValueType) -> JsonValue | Refusal:
    """The value as Braze stores it; None for none."""
    if value is None:
        return None
    try:
        standard = _STANDARD.get(field)
        return standard(value) if standard else _CUSTOM[as_type](value)
    except WrongValueError as error:
        return Refusal(
            "activate.braze.value",
            field,
            f"Braze takes {error} for this field.",
            "Correct it where it comes from, or change the mapping, then replay the dead letter.",
        )


def as_text(value: JsonValue) -> str:
    """A text of at most 255 characters."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        value = str(value)
    if not isinstance(value, str):
        raise WrongValueError("a text")
    if len(value) > TEXT_CHARS_MAX:
        raise WrongValueError(f"a text of at most {TEXT_CHARS_MAX} characters")
    return value


def as_number(value: JsonValue) -> int | float | None:
    """A number; what is too large for an integer is a float."""
    if isinstance(value, str):
        if not value.strip():
            return None
        try:
            value = msgspec.json.decode(value.strip(), type=int | float)
        except (msgspec.DecodeError, UnicodeError):
            raise WrongValueError("a number") from None
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongValueError("a number")
    if abs(value) <= INTEGER_MAX:
        return value
    try:
        return float(value)
    except OverflowError:
        raise WrongValueError("a number below 1e308") from None


def as_boolean(value: JsonValue) -> bool | None:
    """True or false, also in words."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    if not word:
        return None
    raise WrongValueError("true or false")


def as_time(value: JsonValue) -> str | None:
    """A time as ISO 8601 in UTC."""
    if value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise WrongValueError("a time")
    try:
        time = to_iso(parse_time(value))
    except (ValueError, OverflowError, OSError):
        raise WrongValueError("a time such as 2026-11-23T21:30:00Z") from None
    return _until_last_year(time)


def _date(value: JsonValue) -> str | None:
    if value == "":
        return None
    try:
        day = date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError:
        raise WrongValueError("a date such as 1990-05-28") from None
    return _until_last_year(day)


def _until_last_year(time: str) -> str:
    if int(time[:4]) > YEAR_MAX:
        raise WrongValueError(f"times up to the year {YEAR_MAX}")
    return time


def as_list(value: JsonValue) -> list[JsonValue]:
    """A list of plain values, or of objects."""
    if not isinstance(value, list):
        raise WrongValueError("a list")
    if len(value) > LIST_ITEMS_MAX:
        raise WrongValueError(f"a list of at most {LIST_ITEMS_MAX} values")
    items = [_inner(item, 1) for item in value if item is not None]
    objects = sum(isinstance(item, dict) for item in items)
    if objects not in (0, len(items)) or any(isinstance(item, list) for item in items):
        raise WrongValueError("a list of plain values, or of objects,")
    if not objects:
        items = _as_kept(items)
    _check_size(items)
    return items


def _as_kept(items: list[JsonValue]) -> list[JsonValue]:
    """Braze keeps one of each value, where it stands last, and makes texts of values of several types."""
    kinds = {str if isinstance(item, str) else bool if isinstance(item, bool) else float for item in items}
    if len(kinds) > 1:
        items = [as_text(item) for item in items]
    kept: dict[tuple[bool, JsonValue], JsonValue] = {}
    for item in items:
        key = (isinstance(item, bool), item)
        kept.pop(key, None)
        kept[key] = item
    return list(kept.values())


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise WrongValueError("an object")
    if value and value.keys() <= _OPERATIONS:
        raise WrongValueError(f"an object of other keys than {', '.join(sorted(_OPERATIONS))}")
    content: JsonObject = _inner(value, 1)
    _check_size(content)
    return content


def _inner(value: JsonValue, depth: int) -> JsonValue:
    """Inside lists and objects a null would cost the whole attribute: such keys are left out."""
    if depth > DEPTH_MAX:
        raise WrongValueError(f"values nested at most {DEPTH_MAX} deep")
    if isinstance(value, dict):
        if any(not key or "." in key or "$" in key or " " in key for key in value):
            raise WrongValueError("objects whose keys have no space, dot or $")
        if any(len(key) > TEXT_CHARS_MAX for key in value):
            raise WrongValueError(f"objects whose keys have at most {TEXT_CHARS_MAX} characters")
        return {key: _inner(item, depth + 1) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_inner(item, depth + 1) for item in value if item is not None]
    return value if isinstance(value, bool) else _scalar(value)


def _scalar(value: JsonValue) -> JsonValue:
    return as_text(value) if isinstance(value, str) else as_number(value)


def _check_size(value: JsonValue) -> None:
    if len(msgspec.json.encode(value)) > VALUE_BYTES_MAX:
        raise WrongValueError("at most 100 KB")


def _any(value: JsonValue) -> JsonValue:
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return as_list(value)
    if isinstance(value, dict):
        return _object(value)
    return _scalar(value)


def _email(value: JsonValue) -> str | None:
    text = as_text(value).strip().lower()
    if text and (not EMAIL.fullmatch(text) or ".." in text):
        raise WrongValueError("an e-mail address")
    return text or None


def _phone(value: JsonValue) -> str | None:
    text = re.sub(r"[\s().-]", "", as_text(value))
    if text and not re.fullmatch(r"\+?[0-9]{5,15}", text):
        raise WrongValueError("a phone number such as +33612345678")
    return text or None


def _gender(value: JsonValue) -> str | None:
    word = as_text(value).strip().lower()
    if word and word not in _GENDERS:
        raise WrongValueError("M, F, O, N or P")
    return _GENDERS.get(word)


def _country(value: JsonValue) -> str | None:
    word = as_text(value).strip()
    code = word.upper() if word.upper() in COUNTRIES else COUNTRY_OF_NAME.get(word.lower())
    if word and not code:
        raise WrongValueError("a two-letter country code or an English country name")
    return code


def _language(value: JsonValue) -> str | None:
    word = re.split(r"[-_]", as_text(value).strip().lower())[0]
    if word and word not in LANGUAGES:
        raise WrongValueError("a two-letter language code")
    return word or None


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _time_zone(value: JsonValue) -> str | None:
    name = as_text(value).strip()
    # A machine without a zone database cannot tell: Braze decides then.
    if name and _zones() and name not in _zones():
        raise WrongValueError("a time zone such as Europe/Paris")
    return name or None


def _image_url(value: JsonValue) -> str | None:
    if not isinstance(value, str) or len(value) > IMAGE_URL_CHARS_MAX:
        raise WrongValueError(f"an address of at most {IMAGE_URL_CHARS_MAX} characters")
    return value or None


def _state(value: JsonValue) -> str | None:
    if value == "":
        return None
    if value not in _STATES:
        raise WrongValueError("opted_in, subscribed or unsubscribed")
    return str(value)


def _location(value: JsonValue) -> JsonObject:
    try:
        longitude, latitude = float(value["longitude"]), float(value["latitude"])
    except (TypeError, KeyError, ValueError, OverflowError):
        raise WrongValueError("an object of longitude and latitude") from None
    # Written so that it also refuses what is no number.
    if not (abs(longitude) <= 180 and abs(latitude) <= 90):
        raise WrongValueError("a longitude within 180 and a latitude within 90 degrees")
    return {"longitude": longitude, "latitude": latitude}


_CUSTOM: dict[ValueType, Callable[[JsonValue], JsonValue]] = {
    ValueType.AUTO: _any,
    ValueType.TEXT: as_text,
    ValueType.NUMBER: as_number,
    ValueType.BOOLEAN: as_boolean,
    ValueType.TIME: as_time,
    ValueType.DATE: _date,
    ValueType.LIST: as_list,
    ValueType.OBJECT: _object,
}
_STANDARD: dict[str, Callable[[JsonValue], JsonValue]] = {
    "email": _email,
    "phone": _phone,
    "first_name": as_text,
    "last_name": as_text,
    "home_city": as_text,
    "dob": _date,
    "gender": _gender,
    "country": _country,
    "language": _language,
    "time_zone": _time_zone,
    "image_url": _image_url,
    "email_subscribe": _state,
    "push_subscribe": _state,
    "current_location": _location,
    "date_of_first_session": as_time,
    "date_of_last_session": as_time,
}
