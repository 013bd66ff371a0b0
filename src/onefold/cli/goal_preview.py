"""`onefold connections goals preview`: what a goal would do, before it does it."""

from pathlib import Path
from typing import Annotated

import typer

from onefold.cli.goal_path import ConnectionName, goal_path, goals_path
from onefold.cli.reach import Reach
from onefold.cli.show import Column, print_json, print_table, print_text, text_of
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

GoalName = Annotated[
    str,
    typer.Argument(
        help="The goal's name or id; with --file, that which the file would change.", metavar="[GOAL]"
    ),
]
File = Annotated[
    Path | None,
    typer.Option(
        help="A goal that is not kept yet, or kept otherwise, as JSON like that of add; - reads stdin.",
        metavar="FILE",
    ),
]
Person = Annotated[
    str,
    typer.Option(
        "--for",
        help="For whom: email:ada@example.org, or profile:12; someone the goal is for unless given.",
        metavar="KIND:VALUE",
    ),
]
EVENTS: list[Column] = [
    ("Happened", "occurred_at"),
    ("Event", "name"),
    ("Outcome", "outcome"),
    ("Data points", "data_points"),
    ("Why", lambda row: " ".join(filter(None, (row["reason"], row["hint"])))),
]
NAMES: list[Column] = [
    ("Event", "name"),
    ("Events", "events"),
    ("Sent", "sent"),
    ("Data points", "data_points"),
]
ROWS: list[Column] = [
    ("Field", "field"),
    ("Here", "value"),
    ("There", "sent"),
    ("State", "state"),
    ("Why", lambda row: " ".join(filter(None, (row["reason"], row["hint"])))),
]


def preview_goal(
    reach: Reach,
    *,
    connection: ConnectionName,
    goal: GoalName = "",
    file: File = None,
    person: Person = "",
    no_reach: Annotated[bool, typer.Option("--no-reach", help="Count nothing for everyone.")] = False,
) -> None:
    """Show what a goal makes of one person, and what it comes to; nothing is sent.

    Of a goal that sends events: of the person's latest events, a day of everyone's, and the past if it begins
    with that.
    """
    from onefold.cli.read_file import read_object

    if not goal and file is None:
        hint = "Give the name of a goal that is kept, or --file for one that is not, or both for a change."
        raise OnefoldError("cli.usage", "It is one goal that is previewed.", hint=hint)
    body = {**_person(person), "reach": not no_reach}
    if file is not None:
        body |= {"goal": read_object(file), "instead_of": goal}
    path = goals_path(connection) if file is not None else goal_path(connection, goal)
    with reach.client() as client:
        found = client.post(f"{path}/preview", body)
    if reach.json:
        print_json(found)
        return
    reason = f" {found['reason']}" if found["reason"] else ""
    if found["events"] or found["daily"]:
        print_text(f"Profile {found['profile_id']}, the latest event: {found['outcome']}.{reason}")
        _show_events(found)
        return
    address = found["address"] or ("no address" if found["rows"] else "")
    who = ", ".join(filter(None, (f"Profile {found['profile_id']}", address)))
    print_text(f"{who}: {found['outcome']}.{reason}")
    print_table(found["rows"], ROWS)
    _show_objects(found["objects"])
    if found["reach"]:
        print_text(_reach_text(found["reach"]))


def _show_objects(objects: list[JsonObject]) -> None:
    for one in objects:
        print_text(
            f"{one['channel']} {one['part']}: {text_of(one['body'])}  data points: {one['data_points']}"
        )


def _show_events(found: JsonObject) -> None:
    print_table(found["events"], EVENTS)
    for one in found["events"]:
        _show_objects(one["objects"])
    for title, traffic in (("A day", found["daily"]), ("The past", found["backfill"])):
        if traffic:
            print_text(f"\n{_traffic_text(title, traffic)}")
            print_table(traffic["names"], NAMES)
            for one in traffic["left_out"]:
                print_text(_reason_text(one))


def _traffic_text(title: str, traffic: JsonObject) -> str:
    about = "" if traffic["exact"] else "about "
    time = "" if traffic["seconds"] is None else f", {about}{traffic['seconds']:,} s"
    numbers = (
        f"{about}{traffic['events']:,} events, {traffic['sent']:,} sent, {traffic['data_points']:,} data "
        f"points, {traffic['requests']:,} requests if each is full{time}"
    )
    mean = f" (the mean of {traffic['days']} days)" if traffic["days"] > 1 else ""
    sample = "" if traffic["exact"] else " What becomes of them is estimated from a sample."
    return f"{title}{mean}: {numbers}.{sample}"


def _person(text: str) -> JsonObject:
    if not text:
        return {}
    kind, is_pair, value = text.partition(":")
    if not is_pair or not value:
        hint = "Such as --for email:ada@example.org, or --for profile:12."
        raise OnefoldError("cli.usage", f"{text!r} names nobody.", hint=hint)
    if kind == "profile" and value.isdecimal():
        return {"profile_id": int(value)}
    return {"kind": kind, "value": value}


def _reach_text(reach: JsonObject) -> str:
    about = "" if reach["exact"] else "about "
    time = "" if reach["seconds"] is None else f", {about}{reach['seconds']:,} s"
    lines = [
        f"A first run: {about}{reach['people']:,} people, {reach['sent']:,} sent, {reach['fields']:,} fields,"
        " "
        f"{reach['data_points']:,} data points, {reach['requests']:,} requests{time}."
    ]
    lines += [_reason_text(one, about) for one in reach["left_out"]]
    return "\n".join(lines)


def _reason_text(reason: JsonObject, about: str = "") -> str:
    text = f"{reason['outcome']} {reason['code']}: {about}{reason['count']:,}"
    return f"{text}  {reason['meaning']}".rstrip()
