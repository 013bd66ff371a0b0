"""The option `--budget` of `onefold connections`: what a connection may spend where the destination bills."""

from typing import Annotated

import typer

from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

GivenBudget = Annotated[
    list[str] | None,
    typer.Option(
        "--budget",
        metavar="WHAT=VALUE",
        help="day=POINTS, month=POINTS, warn=PERCENT (80 unless given), timezone=NAME (UTC unless given); "
        "once for each, together they are the whole budget. none for no budget.",
    ),
]
FIELDS = {"day": "per_day", "month": "per_month", "warn": "warn_at", "timezone": "timezone"}


def add_budget(body: JsonObject, given: list[str] | None) -> None:
    """Put it where the API takes it, if it was given."""
    if not given:
        return
    budget: JsonObject = {}
    for text in [] if given == ["none"] else given:
        name, is_pair, value = text.partition("=")
        is_number = name != "timezone"
        if not is_pair or name not in FIELDS or (is_number and not value.isdecimal()):
            hint = "Such as --budget day=50000 --budget warn=80 --budget timezone=Europe/Paris."
            raise OnefoldError("cli.usage", f"{text!r} is no part of a budget.", hint=hint)
        budget[FIELDS[name]] = int(value) if is_number else value
    body["budget"] = budget


def text_of_budget(budget: JsonObject) -> str:
    """In words; empty for none."""
    limits = [f"{budget[f'per_{name}']:,} a {name}" for name in ("day", "month") if budget[f"per_{name}"]]
    if not limits:
        return ""
    return f"{', '.join(limits)} ({budget['timezone']}), warns at {budget['warn_at']} %"
