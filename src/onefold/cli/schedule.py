"""Schedules as a person types them: `monday,thursday at 08:00`, `4 times a day`, `last friday at 18:00`.

In: the text and what stands beside it. Out: a schedule as the API takes it; the API judges it.
"""

import re
from typing import Annotated

import typer

from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WHICH = {
    "first": "first",
    "second": "second",
    "third": "third",
    "fourth": "fourth",
    "last": "last",
    "1st": "first",
    "2nd": "second",
    "3rd": "third",
    "4th": "fourth",
}
EXAMPLES = (
    "continuous, by hand, 4 times a day, every day at 08:00, monday,thursday at 08:00, day 15 at 08:00, "
    "last day at 08:00, 2nd tuesday at 08:00, last friday at 18:00, or cron 0 8 * * 1-5."
)

Text = Annotated[str, typer.Option("--schedule", metavar="WHEN", help=f"When it runs: {EXAMPLES}")]
Timezone = Annotated[
    str,
    typer.Option("--timezone", metavar="ZONE", help="Of its times, such as Europe/Paris; UTC unless given."),
]
Overlap = Annotated[
    str,
    typer.Option("--overlap", metavar="WHAT", help="If the run before has not ended: skip, or queue."),
]
Missed = Annotated[
    str,
    typer.Option("--missed", metavar="WHAT", help="If its time passed while nothing ran: once, or skip."),
]


def read_schedule(text: str, *, timezone: str, overlap: str, missed: str) -> JsonObject:
    """The schedule; empty if nothing is said of it."""
    given = {"timezone": timezone, "overlap": overlap, "missed": missed}
    beside: JsonObject = {name: value for name, value in given.items() if value}
    if text:
        return {"rule": read_rule(text), **beside}
    if beside:
        raise OnefoldError("cli.usage", "A time zone, --overlap and --missed go with --schedule.")
    return {}


def read_rule(text: str) -> JsonObject:
    """The rule that a text names."""
    words = " ".join(text.lower().split())
    words = words.removeprefix("on ").removeprefix("the ")
    found = _read_plain(words) or _read_days(words)
    if found is None:
        raise OnefoldError("cli.usage", f"{text!r} is no schedule.", hint=f"Such as {EXAMPLES}")
    return found


def _read_plain(words: str) -> JsonObject | None:
    if words in ("continuous", "continuously"):
        return {"kind": "continuous"}
    if words.replace("-", " ") == "by hand":
        return {"kind": "by_hand"}
    if words.startswith("cron "):
        return {"kind": "cron", "expression": words.removeprefix("cron ").upper()}
    if found := re.fullmatch(r"(\d+) times? a day(?: from ([\d:]+))?", words):
        start = {"start": _time(found[2])} if found[2] else {}
        return {"kind": "times_a_day", "count": int(found[1]), **start}
    return None


def _read_days(words: str) -> JsonObject | None:
    day, has_times, times = words.removeprefix("every ").partition(" at ")
    at = [_time(one) for one in re.split(r"[,\s]+|\band\b", times) if one]
    if not has_times or not at:
        return None
    if found := re.fullmatch(r"day (\d+)(?: of (?:every|the) month)?", day):
        return {"kind": "month_day", "day": int(found[1]), "at": at}
    if day in ("last day", "last day of the month"):
        return {"kind": "month_day", "day": 31, "at": at}
    which, _, weekday = day.removesuffix(" of the month").partition(" ")
    if which in WHICH and (named := _weekday(weekday)):
        return {"kind": "month_weekday", "which": WHICH[which], "weekday": named, "at": at}
    days = _weekdays(day)
    return {"kind": "weekdays", "days": days, "at": at} if days else None


def _weekdays(text: str) -> list[str]:
    if text in ("day", "daily"):
        return DAYS
    if text in ("weekday", "weekdays"):
        return DAYS[:5]
    days = [_weekday(one) for one in re.split(r"[,\s]+|\band\b", text) if one and one != "and"]
    return [] if "" in days else days


def _weekday(text: str) -> str:
    """Also its first three letters or more."""
    return next((day for day in DAYS if len(text) >= 3 and day.startswith(text)), "")


def _time(text: str) -> str:
    return f"0{text}" if re.fullmatch(r"\d:\d\d", text) else text
