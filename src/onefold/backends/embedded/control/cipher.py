"""What encrypts secrets before they reach control.db, and every place in it that holds one."""

from typing import NamedTuple, Protocol

from cryptography.fernet import InvalidToken
from sqlalchemy import Column, Connection, Table, select, update

from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.tables import connection, second_factor
from onefold.errors import OnefoldError


class Holder(NamedTuple):
    """A column with secrets."""

    table: Table
    key: Column[int]
    secret: Column[str]


HOLDERS = (
    Holder(connection, connection.c.id, connection.c.secrets),
    Holder(second_factor, second_factor.c.teammate_id, second_factor.c.secret),
)
"""Whoever adds one adds it here, or a rotation leaves it behind."""


class Cipher(Protocol):
    """By the key of the workspace."""

    def encrypt(self, data: bytes) -> bytes:
        """The stored form."""
        ...

    def decrypt(self, token: bytes | str) -> bytes:
        """The secret."""
        ...


def encrypt_anew(database: ControlDatabase, before: Cipher, after: Cipher) -> int:
    """Encrypt every secret by another key, all in one transaction; how many there are.

    Raises:
        OnefoldError: one cannot be read by the keys until now; nothing was changed.
    """
    with database.change() as transaction:
        return sum(_encrypt_column(transaction, holder, before, after) for holder in HOLDERS)


def wrong_key() -> OnefoldError:
    """The error that says that the key is another's."""
    return OnefoldError(
        "runtime.secret_key_wrong",
        "The secrets of this workspace were encrypted with another key.",
        hint="Put back the secret.key (or ONEFOLD_SECRET_KEY) that belongs to it.",
    )


def _encrypt_column(transaction: Connection, holder: Holder, before: Cipher, after: Cipher) -> int:
    table, key, secret = holder
    rows = list(transaction.execute(select(key, secret)))
    for number, sealed in rows:
        try:
            content = before.decrypt(sealed)
        except InvalidToken as error:
            raise wrong_key() from error
        value = after.encrypt(content).decode()
        transaction.execute(update(table).where(key == number).values({secret: value}))
    return len(rows)
