"""`onefold profiles`: who is known, by which identifiers, with what evidence."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from onefold.cli.path import piece
from onefold.cli.reach import ITEMS_DEFAULT, Cursor, Limit, Reach, reaching
from onefold.cli.show import Column, note, print_fields, print_json, print_table, print_text, safe, text_of
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

if TYPE_CHECKING:
    from onefold.cli.client import Client

group = typer.Typer(help="People: find them, and see what is known and why.", no_args_is_help=True)

PATH = "/api/v1/profiles"
Kind = Annotated[
    str,
    typer.Argument(help="Kind of identifier: user_id, email, phone, anonymous_id… or an id.", metavar="KIND"),
]
Value = Annotated[str, typer.Argument(help="Its value; none after an id.", metavar="VALUE")]


def _known_by(profile: JsonObject) -> str:
    return ", ".join(f"{kind} {value}" for kind, values in profile["identifiers"].items() for value in values)


COLUMNS: list[Column] = [
    ("Id", "id"),
    ("Known by", _known_by),
    ("Segments", lambda profile: ", ".join(one["name"] for one in profile["segments"])),
    ("Last seen", "last_seen"),
]
GROUPS = {"all": "all of these", "any": "one of these", "not": "not this"}
LINK_COLUMNS: list[Column] = [
    ("At", "at"),
    ("Decision", "decision"),
    ("First", lambda link: f"{link['first']['kind']} {link['first']['value']}"),
    ("Second", lambda link: f"{link['second']['kind']} {link['second']['value']}"),
    ("Rule", "rule"),
    ("Reason", "reason"),
    ("Profile", "profile_id"),
    ("Other", "other_profile_id"),
]
CONSENT_COLUMNS: list[Column] = [
    ("Purpose", "purpose"),
    ("State", "state"),
    ("At", "occurred_at"),
    ("Method", "method"),
    ("Text", "text"),
    ("Message", "message_id"),
]


@group.command("list")
@reaching
def list_profiles(
    reach: Reach,
    search: Annotated[
        str, typer.Option(help="Beginning of any identifier's value, such as `ada@`.", metavar="TEXT")
    ] = "",
    segment: Annotated[
        str, typer.Option(help="Only people of this segment, by its name or id.", metavar="SEGMENT")
    ] = "",
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> None:
    """Show people, or those of whom an identifier begins with --search."""
    empty = "Nobody has an identifier that begins so." if search else "Nobody yet: send an event first."
    if segment:
        empty = "Nobody of that segment."
    hint = f"See what came in: onefold flow{reach.flags()}"
    reach.show_list(
        PATH,
        COLUMNS,
        limit=limit,
        cursor=cursor,
        search=search,
        segment=segment,
        empty=f"{empty}\n{hint}",
    )


@group.command("show")
@reaching
def show_profile(reach: Reach, kind: Kind, value: Value = "") -> None:
    """Show one person: identifiers, traits, events, segments, consents, what they saw."""
    with reach.client() as client:
        profile = find_profile(client, kind, value)
    if reach.json:
        print_json(profile)
        return
    print_fields(
        {"Id": profile["id"], "First seen": profile["first_seen"], "Last seen": profile["last_seen"]}
    )
    _section("Identifiers", {kind: ", ".join(values) for kind, values in profile["identifiers"].items()})
    _section("Traits", profile["traits"])
    _section("Events", {name: _event_words(profile, name) for name in profile["events"]})
    _section("Segments", {one["name"]: f"since {one['since']}" for one in profile["segments"]})
    _section("Consents", {one["purpose"]: _consent_words(one) for one in profile["consents"]})
    _section("Interactions", dict(map(_interaction_words, profile["interactions"])))


@group.command("links")
@reaching
def list_links(
    reach: Reach, kind: Kind, value: Value = "", limit: Limit = ITEMS_DEFAULT, cursor: Cursor = ""
) -> None:
    """Show the evidence: what was attached, merged, moved or refused, and why."""
    with reach.client() as client:
        profile = find_profile(client, kind, value)
        page = client.listing(f"{PATH}/{profile['id']}/links", limit=limit, cursor=cursor)
    reach.show_page(page, LINK_COLUMNS, empty="No evidence: only one identifier was ever seen.")


@group.command("segments")
@reaching
def list_segments(reach: Reach, kind: Kind, value: Value = "") -> None:
    """Show every segment, whether the person is in it, and why."""
    with reach.client() as client:
        profile = find_profile(client, kind, value)
        page = client.listing(f"{PATH}/{profile['id']}/segments", limit=ITEMS_DEFAULT)
    if reach.json:
        print_json(page)
        return
    if not page["items"]:
        print_text(f"No segment yet.\nMake one: onefold segments create NAME{reach.flags()} --condition …")
        return
    columns: list[Column] = [("Segment", "name"), ("Member", "member"), ("Since", "since")]
    print_table(page["items"], columns)
    for one in page["items"]:
        print_text(f"\n{one['name']}\n{words_of_why(one['why'])}")


@group.command("consent")
@reaching
def tell_consent(
    reach: Reach,
    *,
    kind: Kind,
    value: Value = "",
    purpose: Annotated[str, typer.Option(help="What it is about, such as email.", metavar="PURPOSE")] = "",
    state: Annotated[
        str, typer.Option(help="What the person says: consented, refused or unset.", metavar="STATE")
    ] = "",
    method: Annotated[str, typer.Option(help="How it was said.", metavar="TEXT")] = "command line",
    text: Annotated[
        str, typer.Option(help="What the person was shown, or who says so.", metavar="TEXT")
    ] = "",
    at: Annotated[str, typer.Option(help="When, in ISO 8601; now unless given.", metavar="TIME")] = "",
) -> None:
    """Show what a person allows, or say it for them with --purpose and --state."""
    if bool(purpose) != bool(state):
        hint = "Such as: onefold profiles consent email ada@example.org --purpose email --state refused"
        raise OnefoldError("cli.usage", "Consent is said with both --purpose and --state.", hint=hint)
    with reach.client() as client:
        path = f"{PATH}/{find_profile(client, kind, value)['id']}/consents"
        if not purpose:
            page = client.get(path)
        else:
            body = {"state": state, "method": method, "text": text, "occurred_at": at}
            taken = client.put(f"{path}/{piece(purpose)}", body)
    if purpose:
        reach.show(taken, f"{purpose}: {taken['state']}, in the log as record {taken['offset']}.")
    else:
        reach.show_page(page, CONSENT_COLUMNS, empty="Nothing was said: every purpose is unset.")


@group.command("erase")
@reaching
def erase_profile(
    reach: Reach,
    *,
    kind: Kind,
    value: Value = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    detach: Annotated[
        bool, typer.Option("--detach", help="Leave it to the server: do not wait for its end.")
    ] = False,
) -> int:
    """Erase a person for good: from the log, from profiles and dead letters, from what waits to be sent.

    Shows what that reaches and asks first. What later events say of the same identifiers begins a new
    person. Destinations keep what they have, but for goals that forward erasures; backups that exist keep
    what they hold.
    """
    from onefold.cli.work import finish

    with reach.client() as client:
        path = f"{PATH}/{find_profile(client, kind, value)['id']}"
        if not yes:
            _confirm(client.get(f"{path}/erasure"))
        return finish(reach, client, client.delete(path), "Erasing", detach=detach)


def _confirm(found: JsonObject) -> None:
    """Ask at a terminal; a script says --yes."""
    note(
        f"Profile {found['profile_id']}: {found['events']:,} events, {found['identifiers']:,} identifiers, "
        f"{found['profiles']:,} profiles, {found['links']:,} pieces of evidence, "
        f"{found['dead_letters']:,} dead letters, member of {found['segments']:,} segments."
    )
    if not sys.stdin.isatty():
        raise OnefoldError(
            "cli.usage", "This cannot be undone.", hint="Say --yes to go on without a question."
        )
    typer.confirm("All of this goes and cannot be brought back. Erase?", abort=True, err=True)


def find_profile(client: "Client", kind: str, value: str) -> JsonObject:
    """The profile by an identifier, or by its id alone.

    Raises:
        OnefoldError: it takes a kind and a value.
    """
    if value:
        found: JsonObject = client.get(f"{PATH}/by/{piece(kind)}/{piece(value)}")
    elif kind.isdecimal():
        found = client.get(f"{PATH}/{kind}")
    else:
        raise OnefoldError(
            "cli.usage",
            "A person is named by the kind and the value of an identifier, or by an id.",
            hint="Such as: onefold profiles show email ada@example.org",
        )
    return found


def words_of_why(part: JsonObject, depth: int = 0) -> str:
    """The tree of an explanation, a line a part."""
    mark = "yes" if part["holds"] else "no "
    leaf = part.get("condition")
    words = f"{_words_of(leaf)}: found {text_of(part.get('found'))}" if leaf else GROUPS[part["kind"]]
    line = f"{'  ' * depth}{mark}  {words}"
    return "\n".join([safe(line), *(words_of_why(one, depth + 1) for one in part.get("parts", []))])


def _words_of(condition: JsonObject) -> str:
    import msgspec

    from onefold.model.segment import Condition
    from onefold.segment.words import describe

    segment_id = condition.get("segment_id", 0)
    return describe(msgspec.convert(condition, Condition), {segment_id: f"segment {segment_id}"})


def _section(heading: str, fields: JsonObject) -> None:
    if fields:
        print_text(f"\n{heading}")
        print_fields({f"  {safe(name)}": value for name, value in fields.items()})


def _consent_words(consent: JsonObject) -> str:
    return f"{consent['state']}, {consent['occurred_at']}, by {consent['method'] or 'an event'}"


def _interaction_words(seen: JsonObject) -> tuple[str, str]:
    """By channel and id, for two may have one name."""
    times = f", {seen['count']} times" if seen["count"] > 1 else ""
    name = f"{seen['name']}, " if seen["name"] else ""
    return f"{seen['channel']} {seen['id']}", f"{name}last {seen['last_seen']}{times}"


def _event_words(profile: JsonObject, name: str) -> str:
    sums = profile["revenue"].get(name, {})
    revenue = "".join(f", {amount} {currency}" for currency, amount in sums.items())
    return f"{profile['events'][name]}{revenue}"
