"""`onefold segments`: named conditions, who is in them, and why."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from onefold.cli.given import refuse_nothing
from onefold.cli.path import piece
from onefold.cli.reach import ITEMS_DEFAULT, Cursor, Limit, Reach, reaching
from onefold.cli.segment_growth import show_growth
from onefold.cli.segment_options import AnyOf, Conditions, File, Segment, segment_body
from onefold.cli.segment_preview import preview_segment
from onefold.cli.segment_use import show_overlap, show_use
from onefold.cli.show import Column, note, print_json, print_text
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

if TYPE_CHECKING:
    from onefold.cli.client import Client

group = typer.Typer(help="Segments: who belongs together, by a condition.", no_args_is_help=True)

PATH = "/api/v1/segments"
Description = Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until the past is filled in; Ctrl-C cancels it.")]


def _state(segment: JsonObject) -> str:
    if segment["state"] != "filling" or not segment["fill_total"]:
        return str(segment["state"])
    return f"filling, {100 * segment['fill_done'] // segment['fill_total']} %"


COLUMNS: list[Column] = [
    ("Id", "id"),
    ("Name", "name"),
    ("State", _state),
    ("People", "people"),
    ("Who", "words"),
]
MEMBER_COLUMNS: list[Column] = [
    ("Profile", "profile_id"),
    ("Since", "since"),
    (
        "Known by",
        lambda one: ", ".join(
            f"{kind} {value}" for kind, all_ in one["identifiers"].items() for value in all_
        ),
    ),
]


@group.command("list")
@reaching
def list_segments(
    reach: Reach,
    *,
    search: Annotated[str, typer.Option(metavar="TEXT", help="Only with this in name or description.")] = "",
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> None:
    """Show the segments with how many people are in them."""
    example = "--condition 'event \"Order Completed\" last 30 days'"
    empty = (
        "No segment is called or described so."
        if search
        else "No segment yet: it says who belongs together.\n"
        f"Make one: onefold segments create Buyers {example}{reach.flags()}"
    )
    reach.show_list(PATH, COLUMNS, limit=limit, cursor=cursor, empty=empty, search=search)


@group.command("create")
@reaching
def create_segment(
    reach: Reach,
    *,
    name: Annotated[str, typer.Argument(help="A name for people.", metavar="NAME")] = "",
    file: File = None,
    condition: Conditions = None,
    any_of: AnyOf = False,
    description: Description = None,
    wait: Wait = False,
) -> int:
    """Define a segment.

    It is kept in real time from now on, and filled in from the past.
    """
    body = segment_body(name, file, condition or [], any_of=any_of, description=description)
    if not body.get("name") or not body.get("condition"):
        raise OnefoldError(
            "cli.usage", "A segment needs a name and a condition.", hint="See: onefold segments create -h"
        )
    with reach.client(create=True) as client:
        made = client.post(PATH, body)
        return _finish(reach, client, made, wait=wait, verb="defined")


@group.command("update")
@reaching
def update_segment(
    reach: Reach,
    *,
    segment: Segment,
    name: Annotated[str, typer.Option(metavar="NAME", help="Another name.")] = "",
    file: File = None,
    condition: Conditions = None,
    any_of: AnyOf = False,
    description: Description = None,
    wait: Wait = False,
) -> int:
    """Change a segment.

    With another condition it is filled in anew, and members stay until then.
    """
    body = segment_body(name, file, condition or [], any_of=any_of, description=description)
    refuse_nothing(body, "segments update")
    with reach.client() as client:
        changed = client.patch(f"{PATH}/{piece(segment)}", body)
        return _finish(reach, client, changed, wait=wait, verb="changed")


group.command("preview")(reaching(preview_segment))
group.command("used-by")(reaching(show_use))
group.command("overlap")(reaching(show_overlap))
group.command("growth")(reaching(show_growth))


@group.command("show")
@reaching
def show_segment(reach: Reach, segment: Segment) -> None:
    """Show one segment: its condition in words and as JSON, its state, its size."""
    found = reach.ask("GET", f"{PATH}/{piece(segment)}")
    reach.show_fields(found, _fields(found))


@group.command("members")
@reaching
def list_members(reach: Reach, segment: Segment, limit: Limit = ITEMS_DEFAULT, cursor: Cursor = "") -> None:
    """Show who is in a segment, and since when."""
    empty = f"Nobody is in it. See its condition: onefold segments show {segment}{reach.flags()}"
    path = f"{PATH}/{piece(segment)}/members"
    reach.show_list(path, MEMBER_COLUMNS, limit=limit, cursor=cursor, empty=empty)


@group.command("words")
@reaching
def show_words(reach: Reach, segment: Segment) -> None:
    """Say in a sentence who is in a segment."""
    found = reach.ask("GET", f"{PATH}/{piece(segment)}")
    reach.show({"id": found["id"], "name": found["name"], "words": found["words"]}, found["words"])


@group.command("why")
@reaching
def show_why(
    reach: Reach,
    segment: Segment,
    kind: Annotated[str, typer.Argument(help="Kind of identifier, or a profile's id.", metavar="KIND")],
    value: Annotated[str, typer.Argument(help="Its value; none after an id.", metavar="VALUE")] = "",
) -> None:
    """Tell whether someone is in a segment, and why."""
    from onefold.cli.profiles import PATH as PROFILES
    from onefold.cli.profiles import find_profile, words_of_why

    with reach.client() as client:
        wanted = client.get(f"{PATH}/{piece(segment)}")
        profile = find_profile(client, kind, value)
        page = client.listing(f"{PROFILES}/{profile['id']}/segments", limit=ITEMS_DEFAULT)
    why = next((one for one in page["items"] if one["segment_id"] == wanted["id"]), None)
    if why is None:
        raise OnefoldError(
            "cli.not_known_yet", "The worker has not come to this segment yet. Ask again soon."
        )
    since = f" since {why['since']}" if why["since"] else ""
    verdict = f"Profile {profile['id']} is{'' if why['member'] else ' not'} in {wanted['name']}{since}."
    reach.show(why, f"{verdict}\n{words_of_why(why['why'])}")


@group.command("delete")
@reaching
def delete_segment(reach: Reach, segment: Segment) -> None:
    """Remove a segment: its members leave."""
    reach.ask("DELETE", f"{PATH}/{piece(segment)}")
    reach.show({"deleted": segment}, f"Segment {segment} is deleted; its members have left.")


@group.command("cancel")
@reaching
def cancel_fill(reach: Reach, segment: Segment) -> None:
    """Stop filling a segment in.

    A new one is dropped, and those already in it leave; a changed one goes back to what it was.
    """
    answer = reach.ask("POST", f"{PATH}/{piece(segment)}/cancel")
    text = f"The fill of {segment} is being cancelled."
    reach.show(answer, f"{text}\nHow it is now: onefold segments show {segment}{reach.flags()}")


def _finish(reach: Reach, client: "Client", segment: JsonObject, *, wait: bool, verb: str) -> int:
    from onefold.runtime.exit_code import ExitCode

    code = int(ExitCode.OK)
    if wait:
        segment, code = _wait(client, segment)
    if reach.json:
        print_json(segment)
        return code
    print_text(f"Segment {segment['name']} (id {segment['id']}) {verb}: {segment['words']}.")
    if segment["state"] == "live":
        print_text(f"People in it: {segment['people']:,}")
    elif segment["state"] == "filling":
        print_text(
            f"The past is being filled in. Watch it: onefold segments show {segment['id']}{reach.flags()}"
        )
    return code


def _wait(client: "Client", segment: JsonObject) -> tuple[JsonObject, int]:
    """Follow the run that fills it in; the segment as it then is."""
    from onefold.cli.progress import RUNS, exit_code_of_run, follow, words_of_run

    runs = client.listing(RUNS, limit=50)["items"]
    subject = f"segment {segment['id']}"
    run = next((one for one in runs if one["kind"] == "segment_fill" and one["subject"] == subject), None)
    if run is None:
        return segment, 0
    ended = follow(client, run["id"], f"Filling {segment['name']}")
    if ended["state"] != "succeeded":
        note(words_of_run(ended))
    return client.get(f"{PATH}/{segment['id']}"), exit_code_of_run(ended)


def _fields(segment: JsonObject) -> dict[str, Any]:
    import msgspec

    tree = msgspec.json.format(msgspec.json.encode(segment["condition"]), indent=2).decode()
    return {
        "Id": segment["id"],
        "Name": segment["name"],
        "Description": segment["description"],
        "Who": segment["words"],
        "State": _state(segment),
        "People": segment["people"],
        "Counts since": segment["counts_since"] or "the first event",
        "Version": segment["version"],
        "Changed": segment["updated_at"],
        "Condition": tree,
    }
