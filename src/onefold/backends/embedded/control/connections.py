"""Connections and their goals; secrets are encrypted before they reach the file."""

from collections.abc import Sequence

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.tables import connection as connections
from onefold.backends.embedded.control.tables import goal as goals
from onefold.errors import OnefoldError, RequestError
from onefold.model.connection import Connection
from onefold.model.goal import Goal


class ConnectionStore:
    """Connections by id and name, goals by connection."""

    def __init__(self, database: ControlDatabase, cipher: Fernet) -> None:
        self._database = database
        self._cipher = cipher

    def create(self, connection: Connection) -> Connection:
        """A new connection; its id is given here.

        Raises:
            RequestError: the name is taken.
        """
        statement = connections.insert().values(self._values(connection)).returning(connections)
        return self._write(statement)

    def change(self, connection: Connection) -> Connection:
        """Store it as it now is."""
        match = connections.c.id == connection.id
        return self._write(
            update(connections).where(match).values(self._values(connection)).returning(connections)
        )

    def delete(self, connection_id: int) -> None:
        """Gone, with its goals and its secrets."""
        with self._database.change() as transaction:
            transaction.execute(delete(goals).where(goals.c.connection_id == connection_id))
            transaction.execute(delete(connections).where(connections.c.id == connection_id))

    def page(self, *, after: int = 0, count_max: int = 1000) -> list[Connection]:
        """By id, secrets decrypted."""
        statement = (
            select(connections).where(connections.c.id > after).order_by(connections.c.id).limit(count_max)
        )
        with self._database.read() as transaction:
            return [self._connection(row) for row in transaction.execute(statement)]

    def find(self, id_or_name: str) -> Connection | None:
        """By its id in digits, else by its name; secrets decrypted."""
        by_id = id_or_name.isdecimal()
        match = connections.c.id == int(id_or_name) if by_id else connections.c.name == id_or_name
        with self._database.read() as transaction:
            row = transaction.execute(select(connections).where(match)).one_or_none()
        return self._connection(row) if row else None

    def goals(self, connection_ids: Sequence[int] | None = None) -> list[Goal]:
        """The goals of these connections (all without a list), in their order."""
        statement = select(goals)
        if connection_ids is not None:
            statement = statement.where(goals.c.connection_id.in_(connection_ids))
        with self._database.read() as transaction:
            found = [_goal(row) for row in transaction.execute(statement)]
        return sorted(found, key=lambda goal: (goal.connection_id, goal.position, goal.id))

    def create_goal(self, goal: Goal) -> Goal:
        """A new goal; its id is given here."""
        values = {"connection_id": goal.connection_id, "body": _encode(goal)}
        with self._database.change() as transaction:
            return _goal(transaction.execute(goals.insert().values(values).returning(goals)).one())

    def change_goal(self, goal: Goal) -> Goal:
        """Store it as it now is."""
        statement = update(goals).where(goals.c.id == goal.id).values(body=_encode(goal)).returning(goals)
        with self._database.change() as transaction:
            return _goal(transaction.execute(statement).one())

    def delete_goal(self, goal_id: int) -> None:
        """Gone; what it sent stays sent."""
        with self._database.change() as transaction:
            transaction.execute(delete(goals).where(goals.c.id == goal_id))

    def _values(self, connection: Connection) -> dict[str, str]:
        secrets = self._cipher.encrypt(msgspec.json.encode(connection.secrets)).decode()
        body = _encode(msgspec.structs.replace(connection, secrets={}))
        return {"name": connection.name, "body": body, "secrets": secrets}

    def _connection(self, row: Row[tuple[object, ...]]) -> Connection:
        try:
            secrets = msgspec.json.decode(self._cipher.decrypt(row.secrets), type=dict[str, str])
        except InvalidToken as error:
            raise OnefoldError(
                "runtime.secret_key_wrong",
                "The secrets of this workspace were encrypted with another key.",
                hint="Restore the secret.key (or ONEFOLD_SECRET_KEY) that belongs to this directory.",
            ) from error
        connection = msgspec.json.decode(row.body, type=Connection)
        return msgspec.structs.replace(connection, id=row.id, secrets=secrets)

    def _write(self, statement: object) -> Connection:
        try:
            with self._database.change() as transaction:
                return self._connection(transaction.execute(statement).one())  # type: ignore[call-overload]
        except IntegrityError as error:
            raise RequestError(
                "api.name_taken", "A connection with that name exists already.", status=409, field="name"
            ) from error


def _encode(value: Connection | Goal) -> str:
    return msgspec.json.encode(value).decode()


def _goal(row: Row[tuple[object, ...]]) -> Goal:
    return msgspec.structs.replace(msgspec.json.decode(row.body, type=Goal), id=row.id)
