"""The table `identity` of `state.db`: rules of identity by the offset from which they hold."""

import sqlite3

import msgspec

from onefold.model.identity_rules import IdentityRules
from onefold.pipeline.store import IdentityRow

PUT_IDENTITY = "insert into identity (offset, version, at, rules) values (?, ?, ?, ?)"
SELECT = "select offset, version, at, rules from identity"


def identity_values(row: IdentityRow) -> tuple[object, ...]:
    """As the table has it."""
    return row.offset, row.version, row.at, msgspec.json.encode(row.rules)


def find_identity(connection: sqlite3.Connection) -> IdentityRow | None:
    """The rules that hold; None while no record has said any."""
    row = connection.execute(f"{SELECT} order by offset desc limit 1").fetchone()
    return _row(row) if row else None


def find_history(connection: sqlite3.Connection) -> list[IdentityRow]:
    """All that ever held, oldest first; the first holds from offset 0 on."""
    return [_row(row) for row in connection.execute(f"{SELECT} order by offset")]


def _row(row: tuple[int, int, int, bytes]) -> IdentityRow:
    offset, version, at, rules = row
    return IdentityRow(offset, version, at, msgspec.json.decode(rules, type=IdentityRules))
