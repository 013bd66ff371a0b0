"""`onefold tokens`: what programs show to call the API."""

from typing import Annotated

import typer

from onefold.cli.reach import Cursor, Limit, Reach, reaching
from onefold.cli.show import Column
from onefold.model.access import Right
from onefold.model.json import JsonObject

group = typer.Typer(help="Tokens, which programs show to call the API.", no_args_is_help=True)
PATH = "/api/v1/tokens"
COLUMNS: list[Column] = [
    ("Id", "id"),
    ("Name", "name"),
    ("Created", "created_at"),
    ("Ends", lambda token: token["expires_at"] or "never"),
    ("May", lambda token: "all" if len(token["rights"]) == len(Right) else ", ".join(token["rights"])),
]


@group.command("list")
@reaching
def list_tokens(reach: Reach, limit: Limit = 1000, cursor: Cursor = "") -> None:
    """Show the tokens, without their secrets."""
    empty = f"No token yet: programs need one.\nMake one: onefold tokens create NAME{reach.flags()}"
    reach.show_list(PATH, COLUMNS, limit=limit, cursor=cursor, empty=empty)


@group.command("create")
@reaching
def create_token(
    reach: Reach,
    name: Annotated[str, typer.Argument(help="Who will use it.", metavar="NAME")],
    right: Annotated[
        list[Right] | None,
        typer.Option(help="What it may do, again for each; everything unless given.", metavar="RIGHT"),
    ] = None,
    days: Annotated[
        int | None, typer.Option(help="It ends after so many days.", metavar="DAYS", min=1, max=3650)
    ] = None,
) -> None:
    """Make a token; it is shown this once."""
    body: JsonObject = {"name": name}
    body |= {"rights": right} if right else {}
    body |= {"days": days} if days else {}
    with reach.client(create=True) as client:
        made = client.post(PATH, body)
    ends = f" It ends on {made['expires_at']}." if made["expires_at"] else ""
    reach.show(made, f"Token: {made['token']}\nIt is not shown again.{ends}")


@group.command("delete")
@reaching
def delete_token(
    reach: Reach,
    token_id: Annotated[int, typer.Argument(help="Its id, from `onefold tokens list`.", metavar="ID")],
) -> None:
    """End a token at once."""
    reach.ask("DELETE", f"{PATH}/{token_id}")
    reach.show({"id": token_id, "deleted": True}, f"Token {token_id} no longer works.")
