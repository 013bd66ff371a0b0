"""The options with which a goal is told what it does, and what the API is given for them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from onefold.cli.event_options import EventNames, OnlyNamed, Properties, add_event_mappings
from onefold.cli.intake_options import CreatePeople, Identify, Remaining, Take, add_intake
from onefold.cli.interaction_source import read_interaction, read_interactions
from onefold.cli.path import piece
from onefold.cli.schedule import Missed, Overlap, Text, Timezone, read_schedule
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

if TYPE_CHECKING:
    from onefold.cli.client import Client

Segment = Annotated[
    str, typer.Option(help="For whom: a segment's name or id; everyone unless given.", metavar="SEGMENT")
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help="Fill a field: plan=trait:plan, email=identifier:email, is_vip=segment:VIP, "
        "orders_30d=counter:'Order Completed':30, name='template:{{ traits.first }} {{ traits.last }}', "
        "segments=segments:all, email_consent=consent:email, mails_seen=interactions:email:90, "
        "saw_spring=interaction:spring-banner.",
        metavar="FIELD=SOURCE",
    ),
]
Leaving = Annotated[
    list[str] | None,
    typer.Option(
        "--leaving",
        help="What a field becomes when someone leaves the segment: is_vip=false, plan=null.",
        metavar="FIELD=VALUE",
    ),
]
Match = Annotated[
    list[str] | None,
    typer.Option(
        "--match",
        help="How people are found there, in the order tried: external_id=user_id, email=email, "
        "alias=anonymous_id:LABEL.",
        metavar="KEY=IDENTIFIER",
    ),
]
Set = Annotated[list[str] | None, typer.Option("--set", help="A setting of it.", metavar="NAME=VALUE")]
Param = Annotated[
    list[str] | None,
    typer.Option(
        "--param", help="A parameter of its template, such as campaign_id=ID.", metavar="NAME=VALUE"
    ),
]
Purpose = Annotated[
    str | None,
    typer.Option(
        help="Only for people who consented to this purpose; '' asks for no consent.", metavar="PURPOSE"
    ),
]


CompareFirst = Annotated[
    bool | None,
    typer.Option(
        "--compare-first/--no-compare-first",
        help="Before it sends anything, read back what the destination holds of its people, and send only "
        "what differs.",
    ),
]


class GoalOptions(NamedTuple):
    """What `add` and `update` say of a goal alike."""

    segment: Segment = ""
    mapping: Map = None
    leaving: Leaving = None
    match: Match = None
    settings: Set = None
    schedule: Text = ""
    timezone: Timezone = ""
    overlap: Overlap = ""
    missed: Missed = ""
    identify: Identify = None
    take: Take = None
    remaining: Remaining = ""
    create: CreatePeople = None
    param: Param = None
    purpose: Purpose = None
    event: EventNames = None
    properties: Properties = None
    only_named: OnlyNamed = None
    compare_first: CompareFirst = None


def read_goal(
    client: "Client", options: GoalOptions, *, file: Path | None, name: str, kept: JsonObject | None = None
) -> JsonObject:
    """What a file and the options over it say of a goal; of one that is `kept`, only what changes."""
    from onefold.cli.read_file import read_object

    body: JsonObject = read_object(file) if file is not None else {}
    if name:
        body["name"] = name
    if segment := options.segment:
        body["segment_id"] = 0 if segment == "everyone" else _find_segment(client, segment)
    if options.purpose is not None:
        body["purpose"] = options.purpose
    if options.compare_first is not None:
        body["compare_first"] = options.compare_first
    _add_fields(body, client, options)
    _add_settings(body, options, kept["settings"].get("values") if kept else None)
    if schedule := read_schedule(
        options.schedule, timezone=options.timezone, overlap=options.overlap, missed=options.missed
    ):
        body["schedule"] = schedule
    intake = kept["intake"] if kept else None
    add_intake(body, options.identify, options.take, options.remaining, options.create, kept=intake)
    add_event_mappings(body, options.event, options.properties, options.only_named)
    return body


def _add_fields(body: JsonObject, client: "Client", options: GoalOptions) -> None:
    """Which fields are filled, for whom, and what becomes of them."""
    if options.mapping:
        body["mappings"] = [_mapping(client, text) for text in options.mapping]
    if options.match:
        body["match"] = [_match(text) for text in options.match]
    if options.leaving:
        _set_leaving(body, options.leaving)


def _add_settings(body: JsonObject, options: GoalOptions, kept: JsonObject | None) -> None:
    """Settings, and among them parameters over those that the file or the goal has."""
    from onefold.cli.given import read_pairs

    if options.settings:
        body["settings"] = {**body.get("settings", {}), **read_pairs(options.settings)}
    if options.param:
        settings = body.get("settings", {})
        values = settings.get("values", kept or {})
        body["settings"] = {**settings, "values": {**values, **read_pairs(options.param)}}


def _find_segment(client: "Client", id_or_name: str) -> int:
    return int(client.get(f"/api/v1/segments/{piece(id_or_name)}")["id"])


def _mapping(client: "Client", text: str) -> JsonObject:
    """FIELD=KIND:NAME as one row."""
    field, _, source = text.partition("=")
    kind, _, name = source.partition(":")
    match kind:
        case "trait" | "identifier" | "text" if name:
            read: JsonObject = {"kind": kind, kind: name}
        case "consent" if name:
            read = {"kind": kind, "purpose": name}
        case "template" if name:
            read = {"kind": kind, kind: name}
        case "segments" if name:
            ids = [] if name == "all" else [_find_segment(client, one) for one in name.split(",")]
            read = {"kind": kind, "segment_ids": ids}
        case "segment" if name:
            read = {"kind": "segment", "segment_id": _find_segment(client, name)}
        case "interactions" if name:
            read = read_interactions(name)
        case "interaction" | "interaction_name" if name:
            read = read_interaction(kind, name)
        case "seen" if name:
            read = {"kind": "seen", "which": name}
        case "counter" | "revenue" if name:
            read = _counter(kind, name)
        case _:
            raise OnefoldError(
                "cli.usage",
                f"{text!r} says not what fills the field.",
                hint="Such as plan=trait:plan, is_vip=segment:VIP, orders_30d=counter:'Order Completed':30, "
                "spent=revenue:'Order Completed':EUR, last_seen=seen:last.",
            )
    return {"source": read, "field": field}


def _match(text: str) -> JsonObject:
    """KEY=IDENTIFIER[:LABEL] as one match key."""
    key, is_pair, source = text.partition("=")
    identifier, _, label = source.partition(":")
    if not is_pair or not identifier:
        hint = "Such as --match external_id=user_id --match email=email."
        raise OnefoldError("cli.usage", f"{text!r} says not which identifier fills the key.", hint=hint)
    return {"key": key, "identifier": identifier} | ({"label": label} if label else {})


def _set_leaving(body: JsonObject, leaving: list[str]) -> None:
    """FIELD=VALUE as what rows of the same command become."""
    from onefold.cli.given import read_pairs

    rows = {row["field"]: row for row in body.get("mappings", ())}
    for field, value in read_pairs(leaving).items():
        if field not in rows:
            hint = "Name a field that --map or the file fills in the same command."
            raise OnefoldError("cli.usage", f"No row fills {field!r}.", hint=hint)
        rows[field]["leaving"] = value


def _counter(kind: str, name: str) -> JsonObject:
    """EVENT[:DAYS] of a counter, EVENT:CURRENCY[:DAYS] of revenue."""
    event, *rest = name.split(":")
    read: JsonObject = {"kind": "counter", "event": event}
    if kind == "revenue":
        read |= {"measure": "revenue", "currency": rest.pop(0) if rest else ""}
    if rest and rest[0].isdecimal():
        read["days"] = int(rest[0])
    return read
