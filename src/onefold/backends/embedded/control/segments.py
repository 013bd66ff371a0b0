"""Segments as the user defined them. What became of them (state, people) stands in state.db.

An id is a bit in every profile and is never given twice, so a deleted segment leaves its row.
"""

import msgspec
from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.exc import IntegrityError

from onefold.backends.embedded.control.connections import changed_meanwhile
from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.find import select_by_id_or_name
from onefold.backends.embedded.control.tables import segment as segments
from onefold.errors import RequestError
from onefold.model.segment import Condition, SegmentDefinition

NOT_PUT = 0
"""`put_offset` of a definition that has not reached the log yet."""


class StoredSegment(msgspec.Struct, frozen=True):
    """A definition with what only people care about."""

    definition: SegmentDefinition
    description: str
    put_offset: int
    """Where the log says so: the fill reads up to here."""
    created_at: int
    updated_at: int


class SegmentStore:
    """Definitions by id and name."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def create(self, name: str, condition: Condition, description: str, at: int) -> StoredSegment:
        """A new definition, not yet in the log.

        Raises:
            RequestError: the name is taken.
        """
        values = {
            "version": 1,
            "last_version": 1,
            "name": name,
            "description": description,
            "condition": msgspec.json.encode(condition).decode(),
            "put_offset": NOT_PUT,
            "deleted": False,
            "created_at": at,
            "updated_at": at,
        }
        return self._write(segments.insert().values(values).returning(segments))

    def redefine(
        self, stored: StoredSegment, at: int, *, name: str, condition: Condition, description: str
    ) -> StoredSegment:
        """The next version under the same id, not yet in the log.

        Raises:
            RequestError: the name is taken, or somebody changed it since it was `stored`.
        """
        return self._write(
            update(segments)
            .where(*_as_it_was(stored))
            .values(
                version=segments.c.last_version + 1,
                last_version=segments.c.last_version + 1,
                name=name,
                description=description,
                condition=msgspec.json.encode(condition).decode(),
                put_offset=NOT_PUT,
                updated_at=at,
            )
            .returning(segments)
        )

    def go_back(self, stored: StoredSegment, to: SegmentDefinition, put_offset: int, at: int) -> None:
        """Take a redefinition back, unless another one has come meanwhile; name and words stay."""
        definition = stored.definition
        values = {
            "version": to.version,
            "condition": msgspec.json.encode(to.condition).decode(),
            "put_offset": put_offset,
            "updated_at": at,
        }
        match = (segments.c.id == definition.id, segments.c.version == definition.version)
        with self._database.change() as connection:
            connection.execute(update(segments).where(*match).values(values))

    def describe(self, stored: StoredSegment, at: int, *, name: str, description: str) -> StoredSegment:
        """Change the words alone: no new version, nobody moves.

        Raises:
            RequestError: as `redefine`.
        """
        return self._write(
            update(segments)
            .where(*_as_it_was(stored))
            .values(name=name, description=description, updated_at=at)
            .returning(segments)
        )

    def set_put_offset(self, segment_id: int, version: int, offset: int) -> None:
        """The log has this version at that offset."""
        match = (segments.c.id == segment_id, segments.c.version == version)
        with self._database.change() as connection:
            connection.execute(update(segments).where(*match).values(put_offset=offset))

    def delete(self, segment_id: int, at: int) -> None:
        """Gone for the user; its id stays used."""
        with self._database.change() as connection:
            connection.execute(
                update(segments).where(segments.c.id == segment_id).values(deleted=True, updated_at=at)
            )

    def page(self, *, after: int = 0, count_max: int = 10_000) -> list[StoredSegment]:
        """Those that are not deleted, by id."""
        statement = (
            select(segments)
            .where(segments.c.deleted.is_(False), segments.c.id > after)
            .order_by(segments.c.id)
            .limit(count_max)
        )
        with self._database.read() as connection:
            return [_segment(row) for row in connection.execute(statement)]

    def find(self, id_or_name: str) -> StoredSegment | None:
        """By its id in digits, else by its name."""
        statement = select_by_id_or_name(segments, id_or_name, segments.c.deleted.is_(False))
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        return _segment(row) if row else None

    def _write(self, statement: object) -> StoredSegment:
        try:
            with self._database.change() as connection:
                row = connection.execute(statement).one_or_none()  # type: ignore[call-overload]
        except IntegrityError as error:
            raise RequestError(
                "api.name_taken", "A segment with that name exists already.", status=409, field="name"
            ) from error
        if row is None:
            raise changed_meanwhile("segment")
        return _segment(row)


def _as_it_was(stored: StoredSegment) -> tuple[ColumnElement[bool], ...]:
    definition = stored.definition
    return (
        segments.c.id == definition.id,
        segments.c.version == definition.version,
        segments.c.updated_at == stored.updated_at,
    )


def _segment(row: Row[tuple[object, ...]]) -> StoredSegment:
    condition = msgspec.json.decode(row.condition, type=Condition)
    definition = SegmentDefinition(row.id, row.version, row.name, condition)
    return StoredSegment(definition, row.description, row.put_offset, row.created_at, row.updated_at)
