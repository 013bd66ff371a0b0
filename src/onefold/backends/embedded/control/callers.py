"""Who may call the API: tokens, browser sessions, and the one-time links that start a session.

All three are random secrets of 192 bits, so a plain SHA-256 of each is what is stored: nobody can
try that many, and a stolen file opens nothing.
"""

import hashlib
import secrets
from typing import NamedTuple

from sqlalchemy import delete, select

from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.tables import one_time_link as links
from onefold.backends.embedded.control.tables import session as sessions
from onefold.backends.embedded.control.tables import token as tokens

SECRET_BYTES = 24


class Token(NamedTuple):
    """A token of the API, without its secret."""

    id: int
    name: str
    created_at: int


class CallerStore:
    """Makes and recognises the secrets of callers."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def create_token(self, name: str, at: int) -> tuple[Token, str]:
        """A new token, and its secret: shown this once."""
        secret = "of_" + secrets.token_urlsafe(SECRET_BYTES)
        values = {"name": name, "hash": _hash(secret), "created_at": at}
        with self._database.change() as connection:
            row = connection.execute(tokens.insert().values(values).returning(tokens.c.id)).one()
        return Token(row.id, name, at), secret

    def list_tokens(self, *, after: int = 0, count_max: int = 1000) -> list[Token]:
        """By id."""
        statement = select(tokens).where(tokens.c.id > after).order_by(tokens.c.id).limit(count_max)
        with self._database.read() as connection:
            return [Token(row.id, row.name, row.created_at) for row in connection.execute(statement)]

    def revoke_token(self, token_id: int) -> bool:
        """End it at once; False when there is none."""
        with self._database.change() as connection:
            return connection.execute(delete(tokens).where(tokens.c.id == token_id)).rowcount > 0

    def find_token(self, secret: str) -> Token | None:
        """The token of a secret."""
        with self._database.read() as connection:
            row = connection.execute(select(tokens).where(tokens.c.hash == _hash(secret))).one_or_none()
        return Token(row.id, row.name, row.created_at) if row else None

    def create_link(self, at: int, expires_at: int) -> str:
        """The code of a link that opens a session once. Old links and sessions go on the way."""
        code = secrets.token_urlsafe(SECRET_BYTES)
        with self._database.record() as connection:
            connection.execute(delete(links).where(links.c.expires_at <= at))
            connection.execute(delete(sessions).where(sessions.c.expires_at <= at))
            connection.execute(links.insert().values(hash=_hash(code), created_at=at, expires_at=expires_at))
        return code

    def open_link(self, code: str, at: int, session_expires_at: int) -> str | None:
        """Use a link up: the secret of a new session, or None when it is unknown, used or too old."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        found = delete(links).where(links.c.hash == _hash(code), links.c.expires_at > at)
        with self._database.record() as connection:
            if connection.execute(found).rowcount == 0:
                return None
            connection.execute(
                sessions.insert().values(hash=_hash(secret), created_at=at, expires_at=session_expires_at)
            )
        return secret

    def has_session(self, secret: str, at: int) -> bool:
        """Whether a browser's session holds."""
        match = select(sessions.c.hash).where(sessions.c.hash == _hash(secret), sessions.c.expires_at > at)
        with self._database.read() as connection:
            return connection.execute(match).one_or_none() is not None

    def end_session(self, secret: str) -> None:
        """Sign a browser out."""
        with self._database.record() as connection:
            connection.execute(delete(sessions).where(sessions.c.hash == _hash(secret)))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
