"""`onefold sources`: where events come from, and their write keys."""

from typing import Annotated

import typer

from onefold.cli.path import piece
from onefold.cli.reach import Cursor, Limit, Reach, reaching
from onefold.cli.show import Column

group = typer.Typer(help="Where events come from: sources and their write keys.", no_args_is_help=True)
keys = typer.Typer(help="The write keys of a source.", no_args_is_help=True)
group.add_typer(keys, name="keys")

PATH = "/api/v1/sources"
Name = Annotated[str, typer.Argument(help="Its name or id.", metavar="SOURCE")]
Key = Annotated[str, typer.Argument(help="The write key.", metavar="KEY")]
COLUMNS: list[Column] = [
    ("Id", "id"),
    ("Name", "name"),
    ("Enabled", "enabled"),
    ("Write key", "write_key"),
    ("Events/s", lambda source: source["rate_per_s"] or "any"),
    ("Created", "created_at"),
]


@group.command("list")
@reaching
def list_sources(reach: Reach, limit: Limit = 1000, cursor: Cursor = "") -> None:
    """Show the sources."""
    empty = f"No source yet: it names who sends events.\nMake one: onefold sources create NAME{reach.flags()}"
    reach.show_list(PATH, COLUMNS, limit=limit, cursor=cursor, empty=empty)


@group.command("create")
@reaching
def create_source(
    reach: Reach,
    *,
    name: Annotated[str, typer.Argument(help="A name for people, such as `web` or `ios`.", metavar="NAME")],
    rate: Annotated[
        int, typer.Option(metavar="N", help="Events a second admitted; 0: unlimited.", min=0)
    ] = 0,
    drop_ip: Annotated[bool, typer.Option("--drop-ip", help="Do not keep senders' addresses.")] = False,
    drop_bots: Annotated[bool, typer.Option("--drop-bots", help="Leave out known bots.")] = False,
    kind: Annotated[
        str,
        typer.Option(metavar="KIND", help="http, or braze-currents for what Braze tells by HTTP."),
    ] = "http",
) -> None:
    """Make a source and its first write key."""
    with reach.client(create=True) as client:
        body = {"name": name, "kind": kind, "rate_per_s": rate, "drop_ip": drop_ip, "drop_bots": drop_bots}
        made = client.post(PATH, body)
    reach.show(made, f"Source {made['name']} (id {made['id']}).\nWrite key: {made['write_key']}")


@group.command("show")
@reaching
def show_source(reach: Reach, name: Name) -> None:
    """Show one source with all its keys."""
    source = reach.ask("GET", f"{PATH}/{piece(name)}")
    fields = {label: source[field] for label, field in (("Id", "id"), ("Name", "name"), ("Kind", "kind"))}
    fields["Enabled"] = source["enabled"]
    fields["Events/s"] = source["rate_per_s"] or "any"
    fields["Keeps addresses"] = not source["drop_ip"]
    fields["Takes known bots"] = not source["drop_bots"]
    fields["Created"] = source["created_at"]
    shown = [f"{key['key']}{'' if key['enabled'] else '  (disabled)'}" for key in source["keys"]]
    fields["Write keys"] = "\n".join(shown)
    reach.show_fields(source, fields)


@group.command("enable")
@reaching
def enable_source(reach: Reach, name: Name) -> None:
    """Let a source write again."""
    _change(reach, name, {"enabled": True}, "takes events")


@group.command("disable")
@reaching
def disable_source(reach: Reach, name: Name) -> None:
    """Refuse the events of a source; what came in stays."""
    _change(reach, name, {"enabled": False}, "is refused from now on")


@keys.command("list")
@reaching
def list_keys(reach: Reach, name: Name) -> None:
    """Show the write keys of a source."""
    source = reach.ask("GET", f"{PATH}/{piece(name)}")
    page = {"items": source["keys"], "next_cursor": None}
    empty = f"No key: nobody can write.\nMake one: onefold sources keys rotate {name}{reach.flags()}"
    columns: list[Column] = [("Key", "key"), ("Enabled", "enabled"), ("Created", "created_at")]
    reach.show_page(page, columns, empty=empty)


@keys.command("rotate")
@reaching
def rotate_key(reach: Reach, name: Name) -> None:
    """Make one more write key; disable the old one once the senders have moved."""
    key = reach.ask("POST", f"{PATH}/{piece(name)}/keys")
    text = (
        f"New write key: {key['key']}\nThe others still work. Then: onefold sources keys disable {name} KEY"
    )
    reach.show(key, text + reach.flags())


@keys.command("disable")
@reaching
def disable_key(reach: Reach, name: Name, key: Key) -> None:
    """Refuse a write key."""
    _change_key(reach, name, key, enabled=False)


@keys.command("enable")
@reaching
def enable_key(reach: Reach, name: Name, key: Key) -> None:
    """Let a write key write again."""
    _change_key(reach, name, key, enabled=True)


def _change(reach: Reach, name: str, change: dict[str, bool], words: str) -> None:
    changed = reach.ask("PATCH", f"{PATH}/{piece(name)}", change)
    reach.show(changed, f"Source {changed['name']} {words}.")


def _change_key(reach: Reach, name: str, key: str, *, enabled: bool) -> None:
    changed = reach.ask("PATCH", f"{PATH}/{piece(name)}/keys/{piece(key)}", {"enabled": enabled})
    reach.show(changed, f"That key {'writes again' if enabled else 'is refused from now on'}.")
