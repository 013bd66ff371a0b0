"""How often and at what hours a person may be written to: the settings of goals whose feed is moments, read.

In: texts such as `3/7d` and `22:00`. Out: numbers, or the words for what is wrong. Pure.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from onefold.clock import DAY, HOUR, read_zone
from onefold.model.json import JsonValue

CAPS_MAX = 5
"""Each is counted for every person; a day, a week and a month are three."""
CAP_COUNT_MAX = 100
"""Times that are kept for one person: more calls in a window are no limit on anything."""
CAP_DAYS_MAX = 366
_CAP = re.compile(r"^([1-9]\d{0,2})/([1-9]\d{0,3})([hd])$")
_TIME = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)$")
SPANS = {"h": HOUR, "d": DAY}


class Cap(NamedTuple):
    """At most so many `times` in the last `span` microseconds."""

    times: int
    span: int


def read_cap(text: str) -> Cap | None:
    """`3/7d` as a cap; None if it is none."""
    found = _CAP.match(text)
    if found is None:
        return None
    cap = Cap(int(found[1]), int(found[2]) * SPANS[found[3]])
    return cap if cap.times <= CAP_COUNT_MAX and cap.span <= CAP_DAYS_MAX * DAY else None


def read_minute(text: str) -> int | None:
    """`22:00` as the minute of the day; None if it is none."""
    found = _TIME.match(text)
    return int(found[1]) * 60 + int(found[2]) if found else None


def courtesy_problems(settings: Mapping[str, JsonValue]) -> list[tuple[str, str]]:
    """(field, message) for each of them that cannot be read."""
    problems = []
    caps = settings.get("caps") or []
    if isinstance(caps, list):
        if len(caps) > CAPS_MAX:
            problems.append(("caps", f"At most {CAPS_MAX} limits fit."))
        problems += [
            ("caps", f"{cap!r} is no limit: 3/7d is three in seven days, 1/24h one in 24 hours.")
            for cap in caps
            if read_cap(str(cap)) is None
        ]
    times = {name: str(settings.get(name) or "") for name in ("quiet_from", "quiet_until")}
    problems += [
        (name, f"{text!r} is no time of the day, such as 22:00.")
        for name, text in times.items()
        if text and read_minute(text) is None
    ]
    if bool(times["quiet_from"]) != bool(times["quiet_until"]):
        missing = "quiet_until" if times["quiet_from"] else "quiet_from"
        problems.append((missing, "Quiet hours need both their beginning and their end."))
    elif times["quiet_from"] and times["quiet_from"] == times["quiet_until"]:
        problems.append(("quiet_until", "Quiet hours must end at another time than they begin."))
    zone = str(settings.get("quiet_zone") or "UTC")
    if read_zone(zone) is None:
        problems.append(("quiet_zone", f"There is no time zone {zone!r}; such as Europe/Berlin."))
    return problems
