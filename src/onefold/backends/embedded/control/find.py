"""Finding a row of control.db by what a person typed: its id in digits, or its name."""

from sqlalchemy import ColumnElement, Select, Table, or_, select

ID_DIGITS_MAX = 18
"""More digits are no id: SQLite's whole numbers end at 19."""


def select_by_id_or_name(
    table: Table, id_or_name: str, *conditions: ColumnElement[bool]
) -> Select[tuple[object]]:
    """At most one row: that of the id, else that of the name (a name may consist of digits, too)."""
    is_named = table.c.name == id_or_name
    match: ColumnElement[bool] = is_named
    if id_or_name.isdecimal() and len(id_or_name) <= ID_DIGITS_MAX:
        match = or_(table.c.id == int(id_or_name), is_named)
    return select(table).where(match, *conditions).order_by(is_named).limit(1)
