"""What the workspace says about identity: one row, and whether the log has it.

By which rules the worker reads stands in state.db.
"""

import msgspec
from sqlalchemy import Row, select, update
from sqlalchemy.dialects.sqlite import insert

from onefold.backends.embedded.control.connections import changed_meanwhile
from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.segments import NOT_PUT
from onefold.backends.embedded.control.tables import identity
from onefold.model.identity_rules import IdentityChoice, IdentityRules

ONLY = 1
"""The id of the one row."""


class StoredIdentity(msgspec.Struct, frozen=True):
    """The choice with its version (0: nothing was ever set), and the rules that the log has for it."""

    version: int = 0
    choice: IdentityChoice = IdentityChoice()
    put_offset: int = NOT_PUT
    put_rules: IdentityRules | None = None
    """As the newest record about them says; the server's settings may be others by now."""
    updated_at: int = 0


class IdentityStore:
    """The one choice of a workspace."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def get(self) -> StoredIdentity:
        """As it is."""
        with self._database.read() as connection:
            row = connection.execute(select(identity)).one_or_none()
        return _stored(row) if row else StoredIdentity()

    def save(self, before: StoredIdentity, version: int, choice: IdentityChoice, at: int) -> StoredIdentity:
        """The next version, not yet in the log.

        Raises:
            RequestError: somebody changed it since it was `before`.
        """
        values = {
            "version": version,
            "choice": msgspec.json.encode(choice).decode(),
            "put_offset": NOT_PUT,
            "put_rules": "",
            "updated_at": at,
        }
        if before.version:
            match = identity.c.version == before.version
            statement = update(identity).where(match).values(values).returning(identity)
        else:
            new = insert(identity).values(id=ONLY, **values)
            statement = new.on_conflict_do_nothing().returning(identity)  # type: ignore[assignment]
        with self._database.change() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            raise changed_meanwhile("identity")
        return _stored(row)

    def set_put(self, version: int, offset: int, rules: IdentityRules) -> None:
        """The log has this version at that offset, as these rules."""
        put = {"put_offset": offset, "put_rules": msgspec.json.encode(rules).decode()}
        with self._database.change() as connection:
            connection.execute(update(identity).where(identity.c.version == version).values(put))


def _stored(row: Row[tuple[object, ...]]) -> StoredIdentity:
    return StoredIdentity(
        row.version,
        msgspec.json.decode(row.choice, type=IdentityChoice),
        row.put_offset,
        msgspec.json.decode(row.put_rules, type=IdentityRules) if row.put_rules else None,
        row.updated_at,
    )
