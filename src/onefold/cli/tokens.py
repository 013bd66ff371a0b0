"""`onefold tokens`: what programs show to call the API."""

from typing import Annotated

import typer

from onefold.cli.reach import Reach, reaching

group = typer.Typer(help="Tokens of the API.", no_args_is_help=True)


@group.command("list")
@reaching
def list_tokens(
    reach: Reach, limit: Annotated[int, typer.Option(help="Most items to show.", min=1)] = 1000
) -> None:
    """Show the tokens, without their secrets."""
    columns = [("Id", "id"), ("Name", "name"), ("Created", "created_at")]
    reach.show_list(
        "/api/v1/tokens", columns, count_max=limit, empty="No token yet. Make one: onefold tokens create NAME"
    )


@group.command("create")
@reaching
def create_token(reach: Reach, name: Annotated[str, typer.Argument(help="Who will use it.")]) -> None:
    """Make a token; it is shown this once."""
    with reach.client(create=True) as client:
        made = client.post("/api/v1/tokens", {"name": name})
    reach.show(made, f"Token: {made['token']}\nIt is not shown again.")


@group.command("revoke")
@reaching
def revoke_token(
    reach: Reach, token_id: Annotated[int, typer.Argument(help="Its id, from `onefold tokens list`.")]
) -> None:
    """End a token at once."""
    with reach.client() as client:
        client.delete(f"/api/v1/tokens/{token_id}")
    reach.show({"id": token_id, "revoked": True}, "That token no longer works.")
