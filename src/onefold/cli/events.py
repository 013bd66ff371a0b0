"""`onefold events`: what was received lately, and what comes in now."""

import sys
import time
from typing import Annotated, Any, NamedTuple

import typer

from onefold.cli.reach import Cursor, Limit, Reach, reaching
from onefold.cli.show import Column, note, print_text
from onefold.model.json import JsonObject

group = typer.Typer(help="What was received lately, and what comes in now.", no_args_is_help=True)

PATH = "/api/v1/events"
EVERY_S = 1.0
TAIL_MAX = 500
"""Shown of what came since the last look."""
COLUMNS: list[Column] = [
    ("Received", "received_at"),
    ("Source", "source"),
    ("Type", "type"),
    ("Name", "name"),
    ("Person", "person"),
    ("Outcome", lambda one: one["outcome"] or "too long ago"),
    ("Message id", "message_id"),
]


class Filters(NamedTuple):
    """Which events."""

    source: Annotated[str, typer.Option(metavar="SOURCE", help="Of this source, by name or id.")] = ""
    of_type: Annotated[str, typer.Option("--type", metavar="TYPE", help="track, identify, …")] = ""
    name: Annotated[str, typer.Option(metavar="TEXT", help="Whose name holds this text.")] = ""
    identifier: Annotated[
        str, typer.Option(metavar="VALUE", help="That carry this e-mail address, user id or the like.")
    ] = ""
    profile: Annotated[int, typer.Option(metavar="ID", help="Of this profile.")] = 0
    outcome: Annotated[
        str, typer.Option(metavar="OUTCOME", help="passed, filtered, rejected or deferred (it waits).")
    ] = ""

    def query(self, **more: Any) -> dict[str, Any]:
        """As the API takes them."""
        given = self._asdict()
        return {"type": given.pop("of_type"), **given, "profile": self.profile or None, **more}


@group.command("list")
@reaching
def list_events(
    reach: Reach,
    filters: Filters,
    message_id: Annotated[str, typer.Option(metavar="ID", help="With this message id.")] = "",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> None:
    """Show what was received lately, newest first.

    A look goes back through 20,000 events; --cursor goes on behind it. With --json the events come with what
    was sent.
    """
    query = filters.query(message_id=message_id, payload=reach.json or None)
    with reach.client() as client:
        page = client.get(PATH, limit=min(limit, 1000), cursor=cursor, **query)
    empty = f"None among the {page['looked_at']:,} events that were looked at."
    if not page["looked_at"]:
        empty = f"Nothing was received yet. `onefold sources list{reach.flags()}` shows where to send."
    elif page["next_cursor"]:
        empty += f" Go on with: --cursor {page['next_cursor']}"
    reach.show_page(page, COLUMNS, empty=empty)


@group.command("tail")
@reaching
def tail_events(
    reach: Reach,
    filters: Filters,
    once: Annotated[bool, typer.Option("--once", help="Show the last ones, and end.")] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", metavar="N", min=1, max=1000, help="How many to begin with.")
    ] = 10,
) -> None:
    """Show the last events, and each new one as it comes.

    One event a line, the newest below. With --json each line is one JSON object, with what was sent.
    """
    query = filters.query(payload=reach.json or None)
    with reach.client() as client:
        page = client.get(PATH, limit=lines, **query)
        try:
            _print(page, as_json=reach.json)
            while not once:
                time.sleep(EVERY_S)
                page = client.get(PATH, limit=TAIL_MAX, after=page["newest"], **query)
                _print(page, as_json=reach.json)
        except KeyboardInterrupt:
            note("Onefold goes on; only this view has ended.")


def _print(page: JsonObject, *, as_json: bool) -> None:
    items = page["items"][::-1]
    if page["next_cursor"] and page["arrived"]:
        note(f"Showing {len(items):,} of {page['arrived']:,} that came in.")
    for one in items:
        if as_json:
            import msgspec

            sys.stdout.buffer.write(msgspec.json.encode(one) + b"\n")
            sys.stdout.buffer.flush()
        else:
            print_text(_line(one))


def _line(one: JsonObject) -> str:
    outcome = one["code"] or one["outcome"] or "-"
    words = [one["received_at"], one["source"], one["type"] or "-", one["name"] or "-"]
    return "  ".join([*words, one["person"] or "-", outcome, one["message_id"] or one["letter_id"] or "-"])
