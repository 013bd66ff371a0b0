"""`onefold sources`: where events come from."""

from typing import Annotated

import typer

from onefold.cli.reach import Reach, reaching

group = typer.Typer(help="Sources and their write keys.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Its name or id.", metavar="SOURCE")]
Most = Annotated[int, typer.Option("--limit", help="Most items to show.", min=1)]


@group.command("list")
@reaching
def list_sources(reach: Reach, limit: Most = 1000) -> None:
    """Show the sources."""
    reach.show_list(
        "/api/v1/sources",
        [
            ("Id", "id"),
            ("Name", "name"),
            ("Enabled", "enabled"),
            ("Write key", "write_key"),
            ("Events/s", lambda source: source["rate_per_s"] or "any"),
            ("Created", "created_at"),
        ],
        count_max=limit,
        empty="No source yet. Make one: onefold sources create NAME",
    )


@group.command("create")
@reaching
def create_source(
    reach: Reach,
    name: Annotated[str, typer.Argument(help="A name for people, such as `web` or `ios`.")],
    rate: Annotated[int, typer.Option(help="Events a second admitted; 0: unlimited.", min=0)] = 0,
    drop_ip: Annotated[bool, typer.Option("--drop-ip", help="Do not keep senders' addresses.")] = False,
    drop_bots: Annotated[bool, typer.Option("--drop-bots", help="Leave out known bots.")] = False,
) -> None:
    """Make a source and its first write key."""
    with reach.client(create=True) as client:
        body = {"name": name, "rate_per_s": rate, "drop_ip": drop_ip, "drop_bots": drop_bots}
        made = client.post("/api/v1/sources", body)
    reach.show(made, f"Source {made['name']} (id {made['id']}).\nWrite key: {made['write_key']}")


@group.command("show")
@reaching
def show_source(reach: Reach, name: Name) -> None:
    """Show one source with all its keys."""
    with reach.client() as client:
        reach.show_object(client.get(f"/api/v1/sources/{name}"))


@group.command("enable")
@reaching
def enable_source(reach: Reach, name: Name) -> None:
    """Let a source write again."""
    _change(reach, name, {"enabled": True}, "takes events")


@group.command("disable")
@reaching
def disable_source(reach: Reach, name: Name) -> None:
    """Refuse the events of a source."""
    _change(reach, name, {"enabled": False}, "is refused from now on")


@group.command("rotate-key")
@reaching
def rotate_key(reach: Reach, name: Name) -> None:
    """Make one more write key; disable the old one once the senders have moved."""
    with reach.client() as client:
        key = client.post(f"/api/v1/sources/{name}/keys")
    reach.show(
        key, f"New write key: {key['key']}\nThe others still work: onefold sources disable-key {name} KEY"
    )


@group.command("disable-key")
@reaching
def disable_key(reach: Reach, name: Name, key: Annotated[str, typer.Argument(help="The write key.")]) -> None:
    """Refuse a write key."""
    with reach.client() as client:
        changed = client.patch(f"/api/v1/sources/{name}/keys/{key}", {"enabled": False})
    reach.show(changed, "That key is refused from now on.")


def _change(reach: Reach, name: str, change: dict[str, bool], words: str) -> None:
    with reach.client() as client:
        changed = client.patch(f"/api/v1/sources/{name}", change)
    reach.show(changed, f"Source {changed['name']} {words}.")
