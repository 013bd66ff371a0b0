"""The team: who may sign in, by e-mail address and password, or by a provider that knows them by a subject.

A password is kept as an Argon2id hash. To check one costs about 50 ms and 64 MiB on purpose, so no more than
two are checked at once; an address that nobody has costs the same, or its absence would show.
"""

import threading
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.saved_views import release_views
from onefold.backends.embedded.control.tables import one_time_link as links
from onefold.backends.embedded.control.tables import second_factor as factors
from onefold.backends.embedded.control.tables import session as sessions
from onefold.backends.embedded.control.tables import teammate as team
from onefold.errors import RequestError
from onefold.model.access import Role
from onefold.model.teammate import TEAMMATES_MAX, Teammate

CHECKS_MAX = 2
_hasher = PasswordHasher()


class TeamStore:
    """Teammates by id and address."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database
        self._checking = threading.BoundedSemaphore(CHECKS_MAX)
        self._nobody = ""

    def create(self, email: str, name: str, role: Role, at: int, *, personal: bool) -> Teammate:
        """A new teammate, who has no password yet.

        Raises:
            RequestError: the address is taken, or there are too many.
        """
        values = {
            "email": fold_email(email),
            "name": name,
            "role": role,
            "personal": personal,
            "password": "",
            "created_at": at,
            "disabled_at": 0,
            "last_seen_at": 0,
            "issuer": "",
            "subject": "",
        }
        try:
            with self._database.change() as connection:
                if connection.execute(select(func.count()).select_from(team)).scalar_one() >= TEAMMATES_MAX:
                    raise RequestError(
                        "api.too_many_teammates", f"A team has at most {TEAMMATES_MAX} people.", status=409
                    )
                return _teammate(connection.execute(team.insert().values(values).returning(team)).one())
        except IntegrityError as error:
            raise RequestError(
                "api.email_taken", "Somebody of the team has that address.", status=409, field="email"
            ) from error

    def page(self, *, after: int = 0, count_max: int = TEAMMATES_MAX) -> list[Teammate]:
        """By id."""
        statement = select(team).where(team.c.id > after).order_by(team.c.id).limit(count_max)
        with self._database.read() as connection:
            return [_teammate(row) for row in connection.execute(statement)]

    def find(self, id_or_email: str) -> Teammate | None:
        """By id in digits, else by address."""
        if id_or_email.isdecimal() and len(id_or_email) < 19:
            match = team.c.id == int(id_or_email)
        else:
            match = team.c.email == fold_email(id_or_email)
        with self._database.read() as connection:
            row = connection.execute(select(team).where(match)).one_or_none()
        return _teammate(row) if row else None

    def change(self, teammate_id: int, values: dict[str, Any]) -> Teammate:
        """Set some of name, role, personal, disabled_at, issuer, subject.

        Raises:
            RequestError: nobody would own the workspace any more.
        """
        statement = update(team).where(team.c.id == teammate_id).values(values).returning(team)
        with self._database.change() as connection:
            had_owner = _has_owner(connection)
            changed = _teammate(connection.execute(statement).one())
            if had_owner and not _has_owner(connection):
                raise _last_owner()
            if changed.disabled_at:
                connection.execute(delete(sessions).where(sessions.c.teammate_id == teammate_id))
        return changed

    def remove(self, teammate_id: int) -> None:
        """Forget a teammate and sign them out; what they changed keeps their name.

        Raises:
            RequestError: nobody would own the workspace any more.
        """
        with self._database.change() as connection:
            had_owner = _has_owner(connection)
            connection.execute(delete(team).where(team.c.id == teammate_id))
            if had_owner and not _has_owner(connection):
                raise _last_owner()
            for held in (sessions, links, factors):
                connection.execute(delete(held).where(held.c.teammate_id == teammate_id))
            release_views(connection, teammate_id)

    def set_password(self, teammate_id: int, password: str) -> None:
        """Keep its hash, sign the teammate out everywhere, and end the links to set another."""
        with self._checking:
            hashed = _hasher.hash(password)
        with self._database.change() as connection:
            connection.execute(update(team).where(team.c.id == teammate_id).values(password=hashed))
            for held in (sessions, links):
                connection.execute(delete(held).where(held.c.teammate_id == teammate_id))

    def verify(self, email: str, password: str) -> Teammate | None:
        """The teammate, if the password is theirs and they are not disabled. Blocks for about 50 ms."""
        match = select(team).where(team.c.email == fold_email(email))
        with self._database.read() as connection:
            row = connection.execute(match).one_or_none()
        with self._checking:
            is_right = _is_right(row.password if row and row.password else self._hash_of_nobody(), password)
        if row is None or not row.password or not is_right or row.disabled_at:
            return None
        if _hasher.check_needs_rehash(row.password):
            rehashed = update(team).where(team.c.id == row.id).values(password=_hasher.hash(password))
            with self._database.record() as connection:
                connection.execute(rehashed)
        return _teammate(row)

    def find_bound(self, issuer: str, subject: str) -> Teammate | None:
        """Whom a provider knows by that subject."""
        match = select(team).where(team.c.issuer == issuer, team.c.subject == subject)
        with self._database.read() as connection:
            row = connection.execute(match).one_or_none()
        return _teammate(row) if row else None

    def bind(self, teammate_id: int, issuer: str, subject: str) -> Teammate | None:
        """Know them by that subject from now on; None where that issuer knows them by another.

        A binding to another issuer is replaced: the workspace has changed its provider.
        """
        free = (team.c.id == teammate_id, or_(team.c.subject == "", team.c.issuer != issuer))
        bound = update(team).where(*free).values(issuer=issuer, subject=subject).returning(team)
        with self._database.change() as connection:
            row = connection.execute(bound).one_or_none()
        return _teammate(row) if row else None

    def note_seen(self, teammate_id: int, at: int) -> None:
        """They signed in."""
        with self._database.record() as connection:
            connection.execute(update(team).where(team.c.id == teammate_id).values(last_seen_at=at))

    def _hash_of_nobody(self) -> str:
        self._nobody = self._nobody or _hasher.hash("nobody")
        return self._nobody


def fold_email(email: str) -> str:
    """By which two addresses are one."""
    return email.strip().casefold()


def _is_right(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _has_owner(connection: Any) -> bool:
    owners = (team.c.role == Role.OWNER, team.c.disabled_at == 0)
    return bool(connection.execute(select(func.count()).select_from(team).where(*owners)).scalar_one())


def _last_owner() -> RequestError:
    return RequestError(
        "api.last_owner",
        "Nobody would own the workspace any more.",
        status=409,
        hint="Make somebody else an owner first.",
    )


def _teammate(row: Row[Any]) -> Teammate:
    return Teammate(
        row.id,
        row.email,
        row.name,
        Role(row.role),
        bool(row.personal),
        bool(row.password),
        row.created_at,
        row.disabled_at,
        row.last_seen_at,
        bool(row.subject),
    )
