"""Saved views: each of a teammate, or of nobody (`MACHINE`): whoever holds the machine, or who has left."""

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, or_, select, update

from onefold.backends.embedded.control.callers import MACHINE
from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.tables import saved_view as views
from onefold.errors import RequestError
from onefold.model.saved_view import Filters, ListPage

OWN_MAX = 50
"""Of one teammate, of one page: more are not found again in a list."""
SHARED_MAX = 50
"""Of the team, of one page."""


class StoredView(msgspec.Struct, frozen=True):
    """A view; `id` 0: not kept yet."""

    id: int
    owner_id: int
    page: ListPage
    name: str
    filters: Filters
    personal_filters: Filters
    shared: bool
    revision: int
    created_at: int
    updated_at: int


class SavedViewStore:
    """Views by id. Their changes are told, so that pages that are open show them."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def save(self, view: StoredView) -> StoredView:
        """Keep a new one, or one that was changed.

        Raises:
            RequestError: the name is taken, or there are too many.
        """
        values = _values(view)
        with self._database.change() as connection:
            _check_name(connection, view)
            _check_room(connection, view)
            if view.id:
                statement: Any = update(views).where(views.c.id == view.id).values(values)
            else:
                statement = views.insert().values(values)
            return _view(connection.execute(statement.returning(views)).one())

    def page(
        self, *, owner_id: int | None, of_page: ListPage | None = None, after: int = 0, count_max: int = 1000
    ) -> list[StoredView]:
        """Those of a teammate and the shared ones (of None: the shared ones), by id."""
        seen = views.c.shared if owner_id is None else or_(views.c.shared, views.c.owner_id == owner_id)
        statement = select(views).where(seen, views.c.id > after).order_by(views.c.id).limit(count_max)
        if of_page is not None:
            statement = statement.where(views.c.page == str(of_page))
        with self._database.read() as connection:
            return [_view(row) for row in connection.execute(statement)]

    def find(self, view_id: int) -> StoredView | None:
        """One, whosesoever it is."""
        with self._database.read() as connection:
            row = connection.execute(select(views).where(views.c.id == view_id)).one_or_none()
        return _view(row) if row else None

    def delete(self, view_id: int) -> None:
        """Remove one."""
        with self._database.change() as connection:
            connection.execute(delete(views).where(views.c.id == view_id))

    def forget_naming(self, names: Callable[[str], bool]) -> int:
        """Remove those with a value that names a person; returns how many went. Reads all views."""
        with self._database.change() as connection:
            found = [_view(row) for row in connection.execute(select(views))]
            named = [one.id for one in found if any(map(names, one.personal_filters.values()))]
            if named:
                connection.execute(delete(views).where(views.c.id.in_(named)))
        return len(named)


def release_views(connection: Connection, teammate_id: int) -> None:
    """Somebody leaves: what was theirs alone goes, what the team uses stays, and is nobody's."""
    theirs = views.c.owner_id == teammate_id
    connection.execute(delete(views).where(theirs, ~views.c.shared))
    connection.execute(update(views).where(theirs).values(owner_id=MACHINE))


def _check_name(connection: Connection, view: StoredView) -> None:
    """Nobody is shown two of one name in what is theirs, nor in what is the team's."""
    is_theirs = views.c.owner_id == view.owner_id
    rivals = or_(is_theirs, views.c.shared) if view.shared else is_theirs
    same = (views.c.page == str(view.page), views.c.name == view.name, views.c.id != view.id)
    if connection.execute(select(views.c.id).where(rivals, *same).limit(1)).first():
        raise RequestError(
            "api.name_taken",
            f"There is a view named {view.name} of this page.",
            status=409,
            field="name",
            hint="Choose another name, or change that view.",
        )


def _check_room(connection: Connection, view: StoredView) -> None:
    whose = views.c.shared if view.shared else (~views.c.shared & (views.c.owner_id == view.owner_id))
    others = (whose, views.c.page == str(view.page), views.c.id != view.id)
    count = connection.execute(select(func.count()).select_from(views).where(*others)).scalar_one()
    count_max = SHARED_MAX if view.shared else OWN_MAX
    if count >= count_max:
        whom = "The team has" if view.shared else "You have"
        raise RequestError(
            "api.too_many_views",
            f"{whom} {count_max} views of this page, and no more fit.",
            status=409,
            hint="Delete one that nobody opens any more.",
        )


def _values(view: StoredView) -> dict[str, Any]:
    values = msgspec.structs.asdict(view)
    del values["id"]
    for name in ("filters", "personal_filters"):
        values[name] = msgspec.json.encode(values[name]).decode()
    return {**values, "page": str(view.page)}


def _view(row: Row[Any]) -> StoredView:
    values = dict(row._mapping)
    for name in ("filters", "personal_filters"):
        values[name] = msgspec.json.decode(values[name], type=Filters)
    return StoredView(**{**values, "page": ListPage(row.page)})
