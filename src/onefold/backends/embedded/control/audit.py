"""The audit trail: who changed what, when, from where, and what it was before and after."""

from typing import Any, NamedTuple

from sqlalchemy import delete, or_, select

from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.tables import audit


class Entry(NamedTuple):
    """One change; `before` and `after` are JSON, empty for none. `id` 0: not kept yet."""

    id: int
    at: int
    by: str
    address: str
    action: str
    """The operation of the API, such as `changeGoal`."""
    path: str
    status: int
    before: str
    after: str


class AuditStore:
    """Entries, newest first."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def add(self, entry: Entry) -> int:
        """Keep one; durable when it returns its id."""
        values = entry._asdict()
        del values["id"]
        with self._database.record() as connection:
            return int(connection.execute(audit.insert().values(values).returning(audit.c.id)).scalar_one())

    def find(self, entry_id: int) -> Entry | None:
        """One, by id."""
        with self._database.read() as connection:
            row = connection.execute(select(audit).where(audit.c.id == entry_id)).one_or_none()
        return Entry(*row) if row else None

    def page(
        self, *, before: int = 0, count_max: int, by: str = "", action: str = "", path: str = ""
    ) -> list[Entry]:
        """Those of one caller, one action, or below one path, where given; `before`: an id."""
        chosen: list[Any] = [audit.c.id < before] if before else []
        if by:
            chosen.append(audit.c.by == by)
        if action:
            chosen.append(audit.c.action == action)
        if path:
            below = path.rstrip("/")
            chosen.append(or_(audit.c.path == below, audit.c.path.startswith(f"{below}/", autoescape=True)))
        statement = select(audit).where(*chosen).order_by(audit.c.id.desc()).limit(count_max)
        with self._database.read() as connection:
            return [Entry(*row) for row in connection.execute(statement)]

    def forget(self, before_at: int) -> None:
        """Remove what is older."""
        with self._database.record() as connection:
            connection.execute(delete(audit).where(audit.c.at < before_at))
