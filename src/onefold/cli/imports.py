"""`onefold imports`: files that were taken in, and what became of them."""

import typer

from onefold.cli.reach import Cursor, Limit, Reach, reaching
from onefold.cli.show import Column

group = typer.Typer(help="Files that were taken in.", no_args_is_help=True)

COLUMNS: list[Column] = [
    ("Run", "id"),
    ("File", "file"),
    ("Source", "source"),
    ("State", "state"),
    ("Rows", "rows"),
    ("Events", "passed"),
    ("Dead letters", "rejected"),
    ("Asked", "created_at"),
    ("Outcome", "message"),
]


@group.command("list")
@reaching
def list_imports(reach: Reach, limit: Limit = 20, cursor: Cursor = "") -> None:
    """Show the imports, newest first: file, rows, what came of them."""
    empty = f"No import yet. Begin with: onefold import FILE --mapping MAPPING{reach.flags()}"
    reach.show_list("/api/v1/imports", COLUMNS, limit=limit, cursor=cursor, empty=empty)
