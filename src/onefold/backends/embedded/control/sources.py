"""Sources and their write keys.

A write key is public by nature (it stands in web pages), so it is stored as it is.
"""

import secrets
from collections.abc import Sequence

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import IntegrityError

from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.find import select_by_id_or_name
from onefold.backends.embedded.control.tables import source as sources
from onefold.backends.embedded.control.tables import write_key as write_keys
from onefold.errors import RequestError
from onefold.model.source import HTTP, Source, WriteKey

KEY_BYTES = 18
"""144 random bits: nobody guesses a key."""
KEYS_MAX = 20
"""Keys of one source: rotation needs two; more than this is a mistake."""


class SourceStore:
    """Sources by id and name, and the keys that name them."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def create(
        self,
        name: str,
        at: int,
        *,
        kind: str = HTTP,
        rate_per_s: int = 0,
        drop_ip: bool = False,
        drop_bots: bool = False,
    ) -> tuple[Source, WriteKey]:
        """A new source with its first key.

        Raises:
            RequestError: the name is taken.
        """
        values = {
            "name": name,
            "kind": kind,
            "enabled": True,
            "rate_per_s": rate_per_s,
            "drop_ip": drop_ip,
            "drop_bots": drop_bots,
            "created_at": at,
        }
        try:
            with self._database.change() as connection:
                row = connection.execute(sources.insert().values(values).returning(sources)).one()
                return _source(row), _add_key(connection, row.id, at)
        except IntegrityError as error:
            raise RequestError(
                "api.name_taken", f"A source named {name} exists already.", status=409, field="name"
            ) from error

    def ensure(self, name: str, at: int, *, kind: str) -> Source:
        """The source of that name; made when there is none."""
        found = self.find(name)
        return found or self.create(name, at, kind=kind)[0]

    def page(self, *, after: int = 0, count_max: int = 1000) -> list[Source]:
        """By id."""
        statement = select(sources).where(sources.c.id > after).order_by(sources.c.id).limit(count_max)
        with self._database.read() as connection:
            return [_source(row) for row in connection.execute(statement)]

    def find(self, id_or_name: str) -> Source | None:
        """By its id in digits, else by its name."""
        with self._database.read() as connection:
            row = connection.execute(select_by_id_or_name(sources, id_or_name)).one_or_none()
        return _source(row) if row else None

    def change(self, source_id: int, values: dict[str, str | int | bool]) -> Source:
        """Set some of name, enabled, rate_per_s, drop_ip, drop_bots."""
        statement = update(sources).where(sources.c.id == source_id).values(values).returning(sources)
        try:
            with self._database.change() as connection:
                return _source(connection.execute(statement).one())
        except IntegrityError as error:
            raise RequestError(
                "api.name_taken", "Another source has that name.", status=409, field="name"
            ) from error

    def write_keys(self, source_ids: Sequence[int] | None = None) -> list[WriteKey]:
        """The keys of these sources (all without a list), oldest first."""
        statement = select(write_keys).order_by(write_keys.c.created_at, write_keys.c.key)
        if source_ids is not None:
            statement = statement.where(write_keys.c.source_id.in_(source_ids))
        with self._database.read() as connection:
            return [_key(row) for row in connection.execute(statement)]

    def add_key(self, source_id: int, at: int) -> WriteKey:
        """One more key, for rotation.

        Raises:
            RequestError: the source has too many.
        """
        if len(self.write_keys([source_id])) >= KEYS_MAX:
            raise RequestError(
                "api.too_many_keys",
                f"A source has at most {KEYS_MAX} write keys.",
                status=409,
                hint="Create another source, or enable one of the disabled keys.",
            )
        with self._database.change() as connection:
            return _add_key(connection, source_id, at)

    def enable_key(self, source_id: int, key: str, *, enabled: bool) -> WriteKey | None:
        """Let a key write, or not; None when the source has no such key."""
        statement = (
            update(write_keys)
            .where(write_keys.c.key == key, write_keys.c.source_id == source_id)
            .values(enabled=enabled)
            .returning(write_keys)
        )
        with self._database.change() as connection:
            row = connection.execute(statement).one_or_none()
        return _key(row) if row else None


def _add_key(connection: Connection, source_id: int, at: int) -> WriteKey:
    key = WriteKey("wk_" + secrets.token_urlsafe(KEY_BYTES), source_id, created_at=at)
    connection.execute(
        write_keys.insert().values(key=key.key, source_id=source_id, enabled=True, created_at=at)
    )
    return key


def _source(row: Row[tuple[object, ...]]) -> Source:
    return Source(
        id=row.id,
        name=row.name,
        enabled=row.enabled,
        rate_per_s=row.rate_per_s,
        drop_ip=row.drop_ip,
        drop_bots=row.drop_bots,
        created_at=row.created_at,
        kind=row.kind,
    )


def _key(row: Row[tuple[object, ...]]) -> WriteKey:
    return WriteKey(row.key, row.source_id, row.enabled, row.created_at)
