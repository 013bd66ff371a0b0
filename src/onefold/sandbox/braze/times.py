"""Time formats that Braze reads in events, purchases and attributes, and the forms in which it answers.

In: text. Out: epoch seconds or None, and back. Text without an offset is UTC; a date alone is its
midnight.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

MS_AFTER_COLON = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d):(\d{3})(Z|[+-]\d\d:?\d\d)?$")
US_DATE = re.compile(r"^(\d\d)/(\d\d)/(\d{4})$")
WEEKDAY_FORM = re.compile(
    r"^[A-Z][a-z]{2} (\d\d) (\d\d) (\d\d:\d\d:\d\d)[. ](Z|UTC|GMT|[+-]\d\d:?\d\d) (\d{4})$"
)
# Attribute times outside these years are kept as plain strings.
YEAR_MAX = 3_000


def parse_time(value: object) -> float | None:
    """Return epoch seconds for any of the listed formats, else None."""
    moment = _parse(value)
    return None if moment is None else moment.timestamp()


def parse_attribute_time(value: str) -> float | None:
    """Return epoch seconds when an attribute's text is a time that Braze would type as one."""
    if len(value) < 10 or not (value[0].isdigit() or value[3:4] == " "):
        return None
    moment = _parse(value)
    return None if moment is None or moment.year > YEAR_MAX else moment.timestamp()


def _parse(value: object) -> datetime | None:
    if type(value) is not str or len(value) < 10:
        return None
    try:
        if value[4] == "-" and (len(value) == 10 or value[10] in "Tt "):
            return _aware(datetime.fromisoformat(value))
    except ValueError:
        pass
    rewritten = _rewrite(value)
    if rewritten is None:
        return None
    try:
        return _aware(datetime.fromisoformat(rewritten))
    except ValueError:
        return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _rewrite(value: str) -> str | None:
    """Bring the formats that are not ISO 8601 into it."""
    if match := MS_AFTER_COLON.match(value):
        return f"{match[1]}.{match[2]}{match[3] or ''}"
    if match := US_DATE.match(value):
        return f"{match[3]}-{match[1]}-{match[2]}"
    if match := WEEKDAY_FORM.match(value):
        offset = "+00:00" if match[4] in ("Z", "UTC", "GMT") else match[4]
        return f"{match[5]}-{match[1]}-{match[2]}T{match[3]}{offset}"
    return None


def format_iso(at: float) -> str:
    """Return `2021-11-23T22:42:08.040Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def format_created(at: float) -> str:
    """Return `2020-07-10 15:00:00.000 UTC`, the form of `created_at` in exports."""
    return (
        datetime.fromtimestamp(at, UTC).isoformat(sep=" ", timespec="milliseconds").replace("+00:00", " UTC")
    )
