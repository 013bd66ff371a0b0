"""Which rows of a file belong together.

In: a row and the columns to group by. Out: its key; groups, each with its rows in file order.
"""

import msgspec

from onefold.acquire.build import read_text_or_empty
from onefold.acquire.read import Cells, Row

GROUP_ROWS_MAX = 20_000
"""Rows of one group: a longer one is no event but a wrong `group_by`."""


class Group(msgspec.Struct, gc=False):
    """Rows with the same key; `is_cut` when there were more than a group may have."""

    key: str
    rows: list[Row]
    is_cut: bool = False


def group_key(cells: Cells, columns: list[str]) -> str:
    """The key of a row: the value of one column, or of several as JSON; empty when any is missing."""
    parts = [read_text_or_empty(cells.get(column)) for column in columns]
    if not all(parts):
        return ""
    return parts[0] if len(parts) == 1 else msgspec.json.encode(parts).decode()
