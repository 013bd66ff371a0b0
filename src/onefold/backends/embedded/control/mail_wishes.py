"""What people want done about mails that could not be sent; the tasks role, whose they are, follows it."""

from typing import NamedTuple

from sqlalchemy import delete, select

from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.tables import mail_wish as wishes
from onefold.model.mail import MailWish

WISHES_MAX = 1000
"""Followed in one go."""


class NumberedWish(NamedTuple):
    """Numbers grow: a later wish about a mail goes over an earlier one."""

    number: int
    mail_id: int
    wish: MailWish


class MailWishStore:
    """Wishes in the order in which they were made."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def ask(self, mail_id: int, wish: MailWish, *, by: str, at: int) -> None:
        """Keep one."""
        with self._database.change() as connection:
            connection.execute(wishes.insert().values(mail_id=mail_id, wish=str(wish), by=by, at=at))

    def after(self, number: int) -> list[NumberedWish]:
        """Those behind a number, oldest first."""
        statement = select(wishes).where(wishes.c.id > number).order_by(wishes.c.id).limit(WISHES_MAX)
        with self._database.read() as connection:
            return [
                NumberedWish(row.id, row.mail_id, MailWish(row.wish)) for row in connection.execute(statement)
            ]

    def forget(self, before: int) -> None:
        """Remove those made before a time."""
        with self._database.record() as connection:
            connection.execute(delete(wishes).where(wishes.c.at < before))
