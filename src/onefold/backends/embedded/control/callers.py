"""Who may call the API: tokens, browser sessions, and the one-time links that start a session.

All three are random secrets of 192 bits, so a plain SHA-256 of each is what is stored: nobody can
try that many, and a stolen file opens nothing.
"""

import hashlib
import secrets
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Row, delete, func, or_, select, update

from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.tables import one_time_link as links
from onefold.backends.embedded.control.tables import session as sessions
from onefold.backends.embedded.control.tables import token as tokens
from onefold.clock import MINUTE
from onefold.model.access import ALL, Right

SECRET_BYTES = 24
MACHINE = 0
"""Instead of a teammate's id: whoever holds the machine, and so may do anything."""
SESSION_ID_CHARS = 12
AGENT_CHARS_MAX = 300
SEEN_EVERY = MINUTE
"""A look-up should not write to the disk each time."""


class Token(NamedTuple):
    """A token of the API, without its secret."""

    id: int
    name: str
    created_at: int
    rights: frozenset[Right] = ALL
    expires_at: int = 0
    """0: never."""


class Session(NamedTuple):
    """A browser that is signed in; `id` is a piece of the stored hash."""

    id: str
    teammate_id: int
    created_at: int
    expires_at: int
    last_seen_at: int
    address: str
    agent: str


class CallerStore:
    """Makes and recognises the secrets of callers."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    # -- tokens -----------------------------------------------------------------------------------------

    def create_token(
        self, name: str, at: int, *, rights: Collection[Right] = ALL, expires_at: int = 0
    ) -> tuple[Token, str]:
        """A new token, and its secret: shown this once."""
        secret = "of_" + secrets.token_urlsafe(SECRET_BYTES)
        values = {
            "name": name,
            "hash": _hash(secret),
            "created_at": at,
            "rights": " ".join(sorted(rights)),
            "expires_at": expires_at,
        }
        with self._database.change() as connection:
            row = connection.execute(tokens.insert().values(values).returning(tokens)).one()
        return _token(row), secret

    def list_tokens(self, *, after: int = 0, count_max: int = 1000) -> list[Token]:
        """By id."""
        statement = select(tokens).where(tokens.c.id > after).order_by(tokens.c.id).limit(count_max)
        with self._database.read() as connection:
            return [_token(row) for row in connection.execute(statement)]

    def revoke_token(self, token_id: int) -> bool:
        """End it at once; False when there is none."""
        with self._database.change() as connection:
            return connection.execute(delete(tokens).where(tokens.c.id == token_id)).rowcount > 0

    def find_token(self, secret: str, at: int) -> Token | None:
        """The token of a secret; None where it has expired."""
        holds = or_(tokens.c.expires_at == 0, tokens.c.expires_at > at)
        with self._database.read() as connection:
            row = connection.execute(
                select(tokens).where(tokens.c.hash == _hash(secret), holds)
            ).one_or_none()
        return _token(row) if row else None

    # -- links ------------------------------------------------------------------------------------------

    def create_link(
        self, at: int, expires_at: int, *, teammate_id: int = MACHINE, ends_others: bool = False
    ) -> str:
        """The code of a link that may be used once; it may end those that the teammate had."""
        code = secrets.token_urlsafe(SECRET_BYTES)
        with self._database.record() as connection:
            connection.execute(delete(links).where(links.c.expires_at <= at))
            connection.execute(delete(sessions).where(sessions.c.expires_at <= at))
            if ends_others:
                connection.execute(delete(links).where(links.c.teammate_id == teammate_id))
            values = {"hash": _hash(code), "created_at": at, "expires_at": expires_at}
            connection.execute(links.insert().values(values | {"teammate_id": teammate_id}))
        return code

    def find_link(self, code: str, at: int) -> int | None:
        """The teammate that a link is for, or `MACHINE`; None when it is unknown, used or too old."""
        found = select(links.c.teammate_id).where(links.c.hash == _hash(code), links.c.expires_at > at)
        with self._database.read() as connection:
            return connection.execute(found).scalar_one_or_none()

    def use_link(self, code: str, at: int) -> int | None:
        """The same, once: then the link is gone."""
        found = delete(links).where(links.c.hash == _hash(code), links.c.expires_at > at)
        with self._database.record() as connection:
            return connection.execute(found.returning(links.c.teammate_id)).scalar_one_or_none()

    # -- sessions ---------------------------------------------------------------------------------------

    def create_session(
        self, teammate_id: int, at: int, expires_at: int, *, address: str = "", agent: str = ""
    ) -> str:
        """The secret of a new session."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        values = {
            "hash": _hash(secret),
            "created_at": at,
            "expires_at": expires_at,
            "teammate_id": teammate_id,
            "last_seen_at": at,
            "address": address,
            "agent": agent[:AGENT_CHARS_MAX],
        }
        with self._database.record() as connection:
            connection.execute(sessions.insert().values(values))
        return secret

    def find_session(self, secret: str, at: int) -> Session | None:
        """A session that holds; noted as seen, to the minute."""
        match = (sessions.c.hash == _hash(secret), sessions.c.expires_at > at)
        with self._database.read() as connection:
            row = connection.execute(select(sessions).where(*match)).one_or_none()
        if row is None:
            return None
        if at - row.last_seen_at >= SEEN_EVERY:
            with self._database.record() as connection:
                connection.execute(update(sessions).where(*match).values(last_seen_at=at))
        return _session(row)

    def list_sessions(self, teammate_id: int, at: int) -> list[Session]:
        """Those that hold, the one seen last first."""
        mine = (sessions.c.teammate_id == teammate_id, sessions.c.expires_at > at)
        statement = select(sessions).where(*mine).order_by(sessions.c.last_seen_at.desc())
        with self._database.read() as connection:
            return [_session(row) for row in connection.execute(statement)]

    def end_session(self, secret: str) -> None:
        """Sign a browser out."""
        with self._database.record() as connection:
            connection.execute(delete(sessions).where(sessions.c.hash == _hash(secret)))

    def end_sessions(self, teammate_id: int, *, session_id: str = "", but: str = "") -> int:
        """Sign a teammate's browsers out: one by its id, or all (but the one of a secret)."""
        chosen = [sessions.c.teammate_id == teammate_id]
        if session_id:
            chosen.append(func.substr(sessions.c.hash, 1, SESSION_ID_CHARS) == session_id)
        if but:
            chosen.append(sessions.c.hash != _hash(but))
        with self._database.record() as connection:
            return connection.execute(delete(sessions).where(*chosen)).rowcount


def session_id(secret: str) -> str:
    """By which a session is named."""
    return _hash(secret)[:SESSION_ID_CHARS]


def _token(row: Row[tuple[object, ...]]) -> Token:
    rights = frozenset(Right(one) for one in row.rights.split()) if row.rights else ALL
    return Token(row.id, row.name, row.created_at, rights, row.expires_at)


def _session(row: Row[tuple[object, ...]]) -> Session:
    return Session(
        row.hash[:SESSION_ID_CHARS],
        row.teammate_id,
        row.created_at,
        row.expires_at,
        row.last_seen_at,
        row.address,
        row.agent,
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
