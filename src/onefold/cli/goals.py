"""`onefold connections goals`: what a connection achieves."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onefold.cli.comparisons import compare_goal
from onefold.cli.event_options import EventNames, OnlyNamed, Properties, add_event_mappings
from onefold.cli.given import refuse_nothing
from onefold.cli.goal_preview import goals_path, preview_goal
from onefold.cli.goal_runs import COMMANDS
from onefold.cli.intake_options import CreatePeople, Identify, Remaining, Take, add_intake
from onefold.cli.interaction_source import read_interaction, read_interactions
from onefold.cli.path import piece
from onefold.cli.reach import Reach, reaching
from onefold.cli.schedule import Missed, Overlap, Text, Timezone, read_schedule
from onefold.cli.show import Column
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

if TYPE_CHECKING:
    from onefold.cli.client import Client

group = typer.Typer(help="Goals: what a connection achieves.", no_args_is_help=True)

ConnectionName = Annotated[str, typer.Argument(help="The connection's name or id.", metavar="CONNECTION")]
group.command("preview")(reaching(preview_goal))
GoalName = Annotated[str, typer.Argument(help="The goal's name or id.", metavar="GOAL")]
File = Annotated[
    Path | None,
    typer.Option(
        help="JSON: {kind, name, enabled, segment_id, purpose, mappings, event_mappings, match, settings, "
        "preset, schedule, intake, compare_first}; - reads stdin.",
        metavar="FILE",
    ),
]
ChangeFile = Annotated[
    Path | None,
    typer.Option(
        help="JSON: {name, enabled, segment_id, purpose, mappings, event_mappings, match, settings, "
        "schedule, intake, compare_first}; - reads stdin.",
        metavar="FILE",
    ),
]
Kind = Annotated[
    str,
    typer.Argument(
        help="export, events, subscriptions, deletions, import, currents or call.", metavar="KIND"
    ),
]
Segment = Annotated[
    str, typer.Option(help="For whom: a segment's name or id; everyone unless given.", metavar="SEGMENT")
]
Purpose = Annotated[
    str | None,
    typer.Option(
        help="Only for people who consented to this purpose; '' asks for no consent.", metavar="PURPOSE"
    ),
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
Preset = Annotated[
    str, typer.Option(metavar="NAME", help="Begin with a ready template, such as braze_campaign.")
]
Param = Annotated[
    list[str] | None,
    typer.Option(
        "--param", help="A parameter of its template, such as campaign_id=ID.", metavar="NAME=VALUE"
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
Leaving = Annotated[
    list[str] | None,
    typer.Option(
        "--leaving",
        help="What a field becomes when someone leaves the segment: is_vip=false, plan=null.",
        metavar="FIELD=VALUE",
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
Set = Annotated[list[str] | None, typer.Option("--set", help="A setting of it.", metavar="NAME=VALUE")]


def _people(goal: JsonObject) -> str:
    consent = f", with consent to {goal['purpose']}" if goal["purpose"] else ""
    return f"{goal['segment'] or 'everyone'}{consent}"


def _state(goal: JsonObject) -> str:
    state = goal["status"]["state"]
    return state if state in ("failed", "paused", "limited") else _progress(goal["progress"])


def _progress(progress: JsonObject) -> str:
    if progress["state"] == "reading":
        return f"reading record {progress['done']:,} of {progress['total']:,}"
    if progress["state"] in ("reading_back", "halted"):
        words = (
            "reading back" if progress["state"] == "reading_back" else "halted: reading back was cancelled at"
        )
        return f"{words} {progress['done']:,} of {progress['total']:,}"
    if progress["state"] == "comparing":
        return f"comparing {progress['done']:,} of {progress['total']:,}"
    behind = f", {progress['behind']:,} behind" if progress["behind"] else ""
    return f"{progress['state']}{behind}"


COLUMNS: list[Column] = [
    ("Id", "id"),
    ("Name", "name"),
    ("Kind", "kind"),
    ("State", _state),
    ("For", _people),
    ("Passed", "counts.passed"),
    ("Filtered", "counts.filtered"),
    ("Rejected", "counts.rejected"),
    ("Waiting", "counts.deferred"),
    ("Runs", "runs"),
    ("Fields", lambda goal: ", ".join(row["field"] for row in goal["mappings"])),
    ("Message", lambda goal: goal["status"]["message"] if goal["enabled"] else ""),
]


@group.command("list")
@reaching
def list_goals(reach: Reach, connection: ConnectionName) -> None:
    """Show the goals of a connection, in their order."""
    example = f"onefold connections goals add {connection} export --map email=identifier:email"
    empty = f"No goal yet: nothing is sent.\nMake one: {example}{reach.flags()}"
    reach.show_page(reach.ask("GET", goals_path(connection)), COLUMNS, empty=empty)


@group.command("add")
@reaching
def add_goal(
    reach: Reach,
    *,
    connection: ConnectionName,
    kind: Kind = "",
    file: File = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="A name for people.")] = "",
    segment: Segment = "",
    mapping: Map = None,
    leaving: Leaving = None,
    match: Match = None,
    settings: Set = None,
    schedule: Text = "",
    timezone: Timezone = "",
    overlap: Overlap = "",
    missed: Missed = "",
    identify: Identify = None,
    take: Take = None,
    remaining: Remaining = "",
    create: CreatePeople = None,
    preset: Preset = "",
    param: Param = None,
    purpose: Purpose = None,
    event: EventNames = None,
    properties: Properties = None,
    only_named: OnlyNamed = None,
    compare_first: CompareFirst = None,
    on: Annotated[bool, typer.Option("--on", help="Turn it on at once.")] = False,
) -> None:
    """Add a goal to a connection; it is off until it is turned on."""
    with reach.client() as client:
        body = _body(client, file, name=name, segment=segment, mappings=mapping, settings=settings)
        if when := read_schedule(schedule, timezone=timezone, overlap=overlap, missed=missed):
            body["schedule"] = when
        add_intake(body, identify, take, remaining, create)
        add_event_mappings(body, event, properties, only_named)
        if match:
            body["match"] = [_match(text) for text in match]
        if leaving:
            _set_leaving(body, leaving)
        if purpose is not None:
            body["purpose"] = purpose
        if compare_first is not None:
            body["compare_first"] = compare_first
        if kind:
            body["kind"] = kind
        if preset:
            body["preset"] = preset
        _fill_in(body, param)
        if not body.get("kind"):
            hint = "For Braze: export (attributes), events, deletions or import. For an HTTP API: call."
            raise OnefoldError("cli.usage", "A goal needs a kind.", hint=hint)
        body.setdefault("name", body["kind"])
        if on:
            body["enabled"] = True
        made = client.post(goals_path(connection), body)
    state = "on" if made["enabled"] else "off"
    next_step = f"\nTurn it on: onefold connections goals on {connection} {made['id']}{reach.flags()}"
    said = f"Goal {made['name']} (id {made['id']}) is {state}.{_start(made)}{'' if on else next_step}"
    reach.show(made, said + _hint(made))


@group.command("update")
@reaching
def update_goal(
    reach: Reach,
    *,
    connection: ConnectionName,
    goal: GoalName,
    file: ChangeFile = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="Another name.")] = "",
    segment: Segment = "",
    mapping: Map = None,
    leaving: Leaving = None,
    match: Match = None,
    settings: Set = None,
    schedule: Text = "",
    timezone: Timezone = "",
    overlap: Overlap = "",
    missed: Missed = "",
    identify: Identify = None,
    take: Take = None,
    remaining: Remaining = "",
    create: CreatePeople = None,
    param: Param = None,
    purpose: Purpose = None,
    event: EventNames = None,
    properties: Properties = None,
    only_named: OnlyNamed = None,
    compare_first: CompareFirst = None,
) -> None:
    """Change a goal; --map replaces all its fields, --event and --property all rows of its events.

    Everyone is compared with the ledger again.
    """
    path = f"{goals_path(connection)}/{piece(goal)}"
    with reach.client() as client:
        kept = client.get(path)
        body = _body(client, file, name=name, segment=segment, mappings=mapping, settings=settings)
        if purpose is not None:
            body["purpose"] = purpose
        if compare_first is not None:
            body["compare_first"] = compare_first
        if when := read_schedule(schedule, timezone=timezone, overlap=overlap, missed=missed):
            body["schedule"] = when
        add_intake(body, identify, take, remaining, create, kept=kept["intake"])
        add_event_mappings(body, event, properties, only_named)
        if match:
            body["match"] = [_match(text) for text in match]
        if leaving:
            _set_leaving(body, leaving)
        _fill_in(body, param, kept["settings"].get("values"))
        refuse_nothing(body, "connections goals update")
        changed = client.patch(path, body)
    reach.show(changed, f"Goal {changed['name']} is changed.")


@group.command("on")
@reaching
def turn_on(
    reach: Reach, connection: ConnectionName, goal: GoalName, compare_first: CompareFirst = None
) -> None:
    """Let a goal deliver."""
    also = {} if compare_first is None else {"compare_first": compare_first}
    path = f"{goals_path(connection)}/{piece(goal)}"
    reach.turn(path, "Goal", is_on=True, more=lambda goal: _start(goal) + _hint(goal), also=also)


@group.command("off")
@reaching
def turn_off(reach: Reach, connection: ConnectionName, goal: GoalName) -> None:
    """Pause a goal: what is due is kept until it is on again."""
    reach.turn(f"{goals_path(connection)}/{piece(goal)}", "Goal", is_on=False)


@group.command("stop")
@reaching
def stop_goal(reach: Reach, connection: ConnectionName, goal: GoalName) -> None:
    """Turn a goal off and drop what is due."""
    with reach.client() as client:
        changed = client.post(f"{goals_path(connection)}/{piece(goal)}/stop")
    reach.show(changed, f"Goal {changed['name']} is stopped: what was due is dropped.")


@group.command("resync")
@reaching
def resync_goal(reach: Reach, connection: ConnectionName, goal: GoalName) -> None:
    """Send everything of everyone again; each field costs once more."""
    with reach.client() as client:
        changed = client.post(f"{goals_path(connection)}/{piece(goal)}/resync")
    reach.show(changed, f"Goal {changed['name']} sends everything again.")


@group.command("order")
@reaching
def order_goals(
    reach: Reach,
    connection: ConnectionName,
    wanted: Annotated[
        list[str],
        typer.Argument(help="Names or ids of goals; the others follow as they are.", metavar="GOAL..."),
    ],
) -> None:
    """Put goals first, in this order: of one person, the fields of an earlier goal go first."""
    path = goals_path(connection)
    with reach.client() as client:
        kept = [goal["id"] for goal in client.get(path)["items"]]
        first = [client.get(f"{path}/{piece(goal)}")["id"] for goal in wanted]
        # Each once, also where one was named twice.
        page = client.put(f"{path}/order", {"goals": list(dict.fromkeys([*first, *kept]))})
    reach.show_page(page, COLUMNS, empty="No goal yet.")


@group.command("delete")
@reaching
def delete_goal(reach: Reach, connection: ConnectionName, goal: GoalName) -> None:
    """Remove a goal; what it sent stays sent."""
    reach.ask("DELETE", f"{goals_path(connection)}/{piece(goal)}")
    reach.show({"deleted": goal}, f"Goal {goal} is deleted. What it sent stays sent.")


for name, command in {**COMMANDS, "compare": compare_goal}.items():
    group.command(name)(command)


def _fill_in(body: JsonObject, params: list[str] | None, kept: JsonObject | None = None) -> None:
    """Values of parameters, over those that the file or the goal has."""
    from onefold.cli.given import read_pairs

    if params:
        settings = body.get("settings", {})
        values = settings.get("values", kept or {})
        body["settings"] = {**settings, "values": {**values, **read_pairs(params)}}


def _hint(goal: JsonObject) -> str:
    """What to think of before it sends for the first time."""
    return f"\n{goal['hint']}" if goal["hint"] else ""


def _start(goal: JsonObject) -> str:
    """From when on it sends, where more was asked for than there is."""
    start = goal["settings"].get("start")
    if not goal["enabled"] or start not in ("beginning", "since") or not goal["starts_at"]:
        return ""
    if start == "since":
        return f"\nIt sends events from {goal['starts_at']} on."
    return f"\nIt sends events received from {goal['starts_at']} on: older ones are gone from the log."


def _body(
    client: "Client",
    file: Path | None,
    *,
    name: str,
    segment: str,
    mappings: list[str] | None,
    settings: list[str] | None,
) -> JsonObject:
    from onefold.cli.given import read_pairs
    from onefold.cli.read_file import read_object

    body: JsonObject = read_object(file) if file is not None else {}
    if name:
        body["name"] = name
    if segment:
        body["segment_id"] = 0 if segment == "everyone" else find_segment(client, segment)
    if mappings:
        body["mappings"] = [_mapping(client, text) for text in mappings]
    if settings:
        body["settings"] = {**body.get("settings", {}), **read_pairs(settings)}
    return body


def find_segment(client: "Client", id_or_name: str) -> int:
    """The id of a segment."""
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
            ids = [] if name == "all" else [find_segment(client, one) for one in name.split(",")]
            read = {"kind": kind, "segment_ids": ids}
        case "segment" if name:
            read = {"kind": "segment", "segment_id": find_segment(client, name)}
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
