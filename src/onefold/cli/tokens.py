"""`onefold tokens`: what programs show to call the API."""

from typing import Annotated

import typer

from onefold.cli.reach import Cursor, Limit, Reach, reaching
from onefold.cli.show import Column

group = typer.Typer(help="Tokens, which programs show to call the API.", no_args_is_help=True)
PATH = "/api/v1/tokens"


@group.command("list")
@reaching
def list_tokens(reach: Reach, limit: Limit = 1000, cursor: Cursor = "") -> None:
    """Show the tokens, without their secrets."""
    columns: list[Column] = [("Id", "id"), ("Name", "name"), ("Created", "created_at")]
    empty = f"No token yet: programs need one.\nMake one: onefold tokens create NAME{reach.flags()}"
    reach.show_list(PATH, columns, limit=limit, cursor=cursor, empty=empty)


@group.command("create")
@reaching
def create_token(
    reach: Reach, name: Annotated[str, typer.Argument(help="Who will use it.", metavar="NAME")]
) -> None:
    """Make a token; it is shown this once."""
    with reach.client(create=True) as client:
        made = client.post(PATH, {"name": name})
    reach.show(made, f"Token: {made['token']}\nIt is not shown again.")


@group.command("delete")
@reaching
def delete_token(
    reach: Reach,
    token_id: Annotated[int, typer.Argument(help="Its id, from `onefold tokens list`.", metavar="ID")],
) -> None:
    """End a token at once."""
    reach.ask("DELETE", f"{PATH}/{token_id}")
    reach.show({"id": token_id, "deleted": True}, f"Token {token_id} no longer works.")
