"""One value of a file: brought to JSON, and read as number, time, text or truth when a mapping says so.

Broken numbers are decimals throughout, as the file writes them: 2.55 stays 2.55 however often it is added.
"""

import math
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from onefold.clock import from_datetime, from_iso
from onefold.model.event import parse_time
from onefold.model.json import JsonValue

NUMBER_CHARS_MAX = 40
"""Digits of a number; longer ones are ids, and stay text."""
WHOLE_MAX = 2**63
"""Larger whole numbers become text: nothing behind the log could store them."""
OCCURRED_MIN = from_iso("1900-01-01")
"""An earlier time of an event is a fault of the file."""
OCCURRED_MAX = from_iso("9999-12-31")
"""A later one is a number that is no time."""

_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def to_cell(value: object) -> JsonValue:
    """What a reader of files found, as JSON value; None for what is not there (NaN too)."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if -WHOLE_MAX <= value < WHOLE_MAX else str(value)
        case float():
            return Decimal(repr(value)) if math.isfinite(value) else None
        case Decimal():
            return value if value.is_finite() else None
        case datetime() | date() | time():
            return value.isoformat()
        case bytes():
            return value.decode("utf-8", "replace")
        case dict():
            return {str(key): to_cell(one) for key, one in value.items()}
        case list() | tuple():
            return [to_cell(one) for one in value]
    return str(value)


def read_number(cell: JsonValue) -> int | Decimal:
    """The exact number of a cell.

    Raises:
        ValueError: it holds none.
    """
    if isinstance(cell, bool) or not isinstance(cell, int | Decimal | str):
        raise ValueError("no number")
    text = str(cell).strip()
    if len(text) > NUMBER_CHARS_MAX or "_" in text or not text.isascii():
        raise ValueError("no number")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError("no number") from error
    if not number.is_finite() or abs(number.adjusted()) > NUMBER_CHARS_MAX:
        raise ValueError("no number of this world")
    return cell if isinstance(cell, int) else int(number) if text.lstrip("+-").isdigit() else number


def read_text(cell: JsonValue) -> str:
    """A cell as text; a whole number without a point, since columns with gaps become broken numbers.

    Raises:
        ValueError: it holds a list or an object.
    """
    if isinstance(cell, list | dict):
        raise ValueError("no single value")
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return (
            str(int(cell))
            if cell == cell.to_integral_value() and abs(cell) < WHOLE_MAX
            else format(cell, "f")
        )
    return str(cell)


def read_boolean(cell: JsonValue) -> bool:
    """True or false, also as yes/no and 1/0.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(cell, bool):
        return cell
    truth = _TRUTHS.get(str(cell).strip().lower())
    if truth is None:
        raise ValueError("neither true nor false")
    return truth


def read_time(cell: JsonValue, pattern: str, zone: ZoneInfo) -> int:
    """Microseconds UTC of a cell.

    Raises:
        ValueError: it is no time of this pattern.
    """
    if isinstance(cell, bool) or not isinstance(cell, int | Decimal | str):
        raise ValueError("no time")
    try:
        at = _read_auto(cell, zone) if pattern == "auto" else _in_zone(_by_pattern(cell, pattern), zone)
    except OverflowError as error:
        raise ValueError("no time of this world") from error
    if not OCCURRED_MIN <= at <= OCCURRED_MAX:
        raise ValueError("a time before 1900 or after 9999")
    return at


def _read_auto(cell: int | Decimal | str, zone: ZoneInfo) -> int:
    if not isinstance(cell, str):
        return parse_time(float(cell) if isinstance(cell, Decimal) else cell)
    text = cell.strip()
    if text.replace(".", "", 1).isdigit() and len(text) != len("YYYYMMDD"):
        return parse_time(float(text))
    return _in_zone(datetime.fromisoformat(text), zone)


def _by_pattern(cell: int | Decimal | str, pattern: str) -> datetime:
    return datetime.strptime(str(cell).strip(), pattern)  # noqa: DTZ007 (the zone is added next)


def _in_zone(moment: datetime, zone: ZoneInfo) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return from_datetime(moment.astimezone(UTC))
