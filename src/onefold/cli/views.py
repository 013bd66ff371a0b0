"""`onefold views`: the filters of a list, kept under a name."""

from typing import Annotated
from urllib.parse import urlencode

import typer

from onefold.cli.reach import Cursor, Limit, Reach, reaching
from onefold.cli.show import Column
from onefold.model.json import JsonObject
from onefold.model.saved_view import ListPage

group = typer.Typer(help="Saved views: the filters of a list under a name.", no_args_is_help=True)
PATH = "/api/v1/views"
ViewId = Annotated[int, typer.Argument(help="Its id, from `onefold views list`.", metavar="ID")]
Name = Annotated[str, typer.Argument(help="What it is called.", metavar="NAME")]
PageOption = Annotated[ListPage, typer.Option("--page", help="The page that it is of.", metavar="PAGE")]
Query = Annotated[
    str,
    typer.Option(
        help="What stands behind the question mark of the page's address: 'search=ada&segment=3'.",
        metavar="QUERY",
    ),
]


def _address(view: JsonObject) -> str:
    return f"/{view['page']}?{urlencode({**view['filters'], **view['personal_filters']}, safe='@•')}"


COLUMNS: list[Column] = [
    ("Id", "id"),
    ("Page", "page"),
    ("Name", "name"),
    ("Seen by", lambda view: "the team" if view["shared"] else "you"),
    ("Owner", lambda view: "you" if view["is_mine"] else view["owner"] or "the team"),
    ("Opens", _address),
]


@group.command("list")
@reaching
def list_views(
    reach: Reach,
    *,
    page: Annotated[
        ListPage | None, typer.Option("--page", help="Only those of this page.", metavar="PAGE")
    ] = None,
    limit: Limit = 1000,
    cursor: Cursor = "",
) -> None:
    """Show your own views and those of the team."""
    empty = (
        "No saved view yet: filter a list on its page and save it there,\n"
        f"or: onefold views save NAME --page profiles --query 'segment=1'{reach.flags()}"
    )
    reach.show_list(PATH, COLUMNS, limit=limit, cursor=cursor, empty=empty, page=page)


@group.command("save")
@reaching
def save_view(
    reach: Reach,
    *,
    name: Name,
    page: PageOption,
    query: Query,
    share: Annotated[bool, typer.Option("--share", help="The team sees it, too.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Where you have a view of that name, keep these filters in it.")
    ] = False,
) -> None:
    """Keep filters under a name."""
    with reach.client(create=True) as client:
        mine = (one for one in client.pages(PATH, page=page) if one["is_mine"] and one["name"] == name)
        found = next(mine, None) if replace else None
        if found is None:
            kept = client.post(PATH, {"page": page, "name": name, "query": query, "shared": share})
        else:
            # What is shared stays so: taking it back is a step of its own.
            more: JsonObject = {"shared": True} if share else {}
            kept = client.patch(f"{PATH}/{found['id']}", {"query": query, **more})
    reach.show(kept, f"Saved view {kept['id']}, {kept['name']}, opens {_address(kept)}")


@group.command("rename")
@reaching
def rename_view(reach: Reach, view_id: ViewId, name: Name) -> None:
    """Give a view another name."""
    kept = reach.ask("PATCH", f"{PATH}/{view_id}", {"name": name})
    reach.show(kept, f"Saved view {kept['id']} is called {kept['name']} now.")


@group.command("share")
@reaching
def share_view(reach: Reach, view_id: ViewId) -> None:
    """Let the team see a view."""
    _share(reach, view_id, is_shared=True)


@group.command("unshare")
@reaching
def unshare_view(reach: Reach, view_id: ViewId) -> None:
    """Take a view back from the team; it stays yours."""
    _share(reach, view_id, is_shared=False)


@group.command("delete")
@reaching
def delete_view(reach: Reach, view_id: ViewId) -> None:
    """Forget a view; a shared one goes for the whole team."""
    reach.ask("DELETE", f"{PATH}/{view_id}")
    reach.show({"id": view_id, "deleted": True}, f"Saved view {view_id} is gone.")


def _share(reach: Reach, view_id: int, *, is_shared: bool) -> None:
    kept = reach.ask("PATCH", f"{PATH}/{view_id}", {"shared": is_shared})
    whom = "The team sees" if is_shared else "Only you see"
    reach.show(kept, f"{whom} {kept['name']} now.")
