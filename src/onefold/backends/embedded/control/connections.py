"""Connections and their goals; secrets are encrypted before they reach the file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import msgspec
from cryptography.fernet import InvalidToken
from sqlalchemy import Connection as Transaction
from sqlalchemy import Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from onefold.backends.embedded.control.cipher import Cipher, wrong_key
from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.find import select_by_id_or_name
from onefold.backends.embedded.control.tables import connection as connections
from onefold.backends.embedded.control.tables import goal as goals
from onefold.errors import RequestError
from onefold.model.connection import Connection, Notices
from onefold.model.goal import Goal


class NoticesOf(NamedTuple):
    """What a connection wants to be told by mail."""

    name: str
    enabled: bool
    notices: Notices


def read_notices(database: ControlDatabase) -> dict[int, NoticesOf]:
    """Of every connection; secrets stay encrypted."""
    with database.read() as transaction:
        rows = list(transaction.execute(select(connections.c.id, connections.c.body)))
    found = {row.id: msgspec.json.decode(row.body, type=Connection) for row in rows}
    return {number: NoticesOf(one.name, one.enabled, one.notices) for number, one in found.items()}


class ConnectionStore:
    """Connections by id and name, goals by connection."""

    def __init__(self, database: ControlDatabase, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def create(self, connection: Connection, its_goals: Sequence[Goal] = ()) -> Connection:
        """A new connection with its goals, in one transaction; ids are given here.

        Raises:
            RequestError: the name is taken.
        """
        statement = connections.insert().values(self._values(connection)).returning(connections)
        with self._naming() as transaction:
            made = self._connection(transaction.execute(statement).one())
            for position, goal in enumerate(its_goals):
                placed = msgspec.structs.replace(goal, connection_id=made.id, position=position)
                transaction.execute(goals.insert().values(_goal_values(placed)))
        return made

    def change(self, connection: Connection, *, version: int) -> Connection:
        """Store it as it now is, unless someone changed it after `version`.

        Raises:
            RequestError: it was changed or deleted meanwhile, or the name is taken.
        """
        match = connections.c.id == connection.id
        statement = update(connections).where(match).values(self._values(connection)).returning(connections)
        with self._naming() as transaction:
            row = transaction.execute(select(connections.c.body).where(match)).one_or_none()
            if row is None or msgspec.json.decode(row.body, type=Connection).version != version:
                raise changed_meanwhile("connection")
            return self._connection(transaction.execute(statement).one())

    def replace(
        self,
        connection: Connection,
        its_goals: Sequence[Goal],
        *,
        before: Connection,
        goals_before: Sequence[Goal],
    ) -> None:
        """Make a connection and its goals these, in one transaction: new goals have id 0, others go.

        Raises:
            RequestError: something was changed meanwhile, or the name is taken.
        """
        match = connections.c.id == before.id
        mine = goals.c.connection_id == before.id
        with self._naming() as transaction:
            row = transaction.execute(select(connections).where(match)).one_or_none()
            if row is None or self._connection(row) != before:
                raise changed_meanwhile("connection")
            found = [_goal(row) for row in transaction.execute(select(goals).where(mine))]
            if {goal.id: goal for goal in found} != {goal.id: goal for goal in goals_before}:
                raise changed_meanwhile("list of goals")
            transaction.execute(update(connections).where(match).values(self._values(connection)))
            kept = [goal.id for goal in its_goals if goal.id]
            transaction.execute(delete(goals).where(mine, goals.c.id.not_in(kept)))
            for position, goal in enumerate(its_goals):
                placed = msgspec.structs.replace(goal, connection_id=before.id, position=position)
                if goal.id:
                    one = update(goals).where(goals.c.id == goal.id).values(body=_encode(placed))
                    transaction.execute(one)
                else:
                    transaction.execute(goals.insert().values(_goal_values(placed)))

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
        with self._database.read() as transaction:
            row = transaction.execute(select_by_id_or_name(connections, id_or_name)).one_or_none()
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
        statement = goals.insert().values(_goal_values(goal)).returning(goals)
        with self._database.change() as transaction:
            return _goal(transaction.execute(statement).one())

    def change_goal(self, goal: Goal, *, version: int) -> Goal:
        """Store it as it now is, unless someone changed it after `version`.

        Raises:
            RequestError: it was changed or deleted meanwhile.
        """
        match = goals.c.id == goal.id
        statement = update(goals).where(match).values(body=_encode(goal)).returning(goals)
        with self._database.change() as transaction:
            row = transaction.execute(select(goals).where(match)).one_or_none()
            if row is None or _goal(row).version != version:
                raise changed_meanwhile("goal")
            return _goal(transaction.execute(statement).one())

    def place_goals(self, connection_id: int, goal_ids: Sequence[int]) -> None:
        """Put the goals of a connection into this order.

        Raises:
            RequestError: these are not its goals, as when one was added meanwhile.
        """
        with self._database.change() as transaction:
            rows = transaction.execute(select(goals).where(goals.c.connection_id == connection_id))
            found = {row.id: _goal(row) for row in rows}
            if sorted(goal_ids) != sorted(found):
                raise changed_meanwhile("list of goals")
            for position, goal_id in enumerate(goal_ids):
                body = _encode(msgspec.structs.replace(found[goal_id], position=position))
                transaction.execute(update(goals).where(goals.c.id == goal_id).values(body=body))

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
            raise wrong_key() from error
        connection = msgspec.json.decode(row.body, type=Connection)
        return msgspec.structs.replace(connection, id=row.id, secrets=secrets)

    @contextmanager
    def _naming(self) -> Iterator[Transaction]:
        """A change in which only a name can collide."""
        try:
            with self._database.change() as transaction:
                yield transaction
        except IntegrityError as error:
            raise RequestError(
                "api.name_taken", "A connection with that name exists already.", status=409, field="name"
            ) from error


def changed_meanwhile(what: str) -> RequestError:
    """The answer to a change that was made from an older version."""
    return RequestError(
        "api.changed_meanwhile",
        f"The {what} was changed by someone else meanwhile.",
        status=409,
        hint="Read it again and repeat your change.",
    )


def _encode(value: Connection | Goal) -> str:
    return msgspec.json.encode(value).decode()


def _goal_values(goal: Goal) -> dict[str, int | str]:
    return {"connection_id": goal.connection_id, "body": _encode(goal)}


def _goal(row: Row[tuple[object, ...]]) -> Goal:
    return msgspec.structs.replace(msgspec.json.decode(row.body, type=Goal), id=row.id)
