"""Second factors: a secret a teammate, encrypted; codes that were used are good no more.

Recovery codes are 64 random bits each, so a plain SHA-256 is what is stored.
"""

import hashlib
import secrets
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from onefold.backends.embedded.control.cipher import Cipher
from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.tables import second_factor as factors
from onefold.model.second_factor import is_time_code, new_recovery_codes, new_secret, step_of


class SecondFactorStore:
    """By teammate."""

    def __init__(self, database: ControlDatabase, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    def begin(self, teammate_id: int) -> str | None:
        """A fresh secret, which counts once a code of it was given; None where one is on already."""
        secret = new_secret()
        sealed = self._cipher.encrypt(secret.encode()).decode()
        statement = insert(factors).values(
            teammate_id=teammate_id, secret=sealed, confirmed_at=0, last_step=0, recovery=""
        )
        replaced = statement.on_conflict_do_update(
            index_elements=[factors.c.teammate_id],
            set_={"secret": sealed, "last_step": 0},
            where=factors.c.confirmed_at == 0,
        )
        with self._database.change() as connection:
            return secret if connection.execute(replaced).rowcount else None

    def confirm(self, teammate_id: int, code: str, at: int) -> list[str] | None:
        """Turn it on by a code of it: the recovery codes, shown this once; None where the code is wrong."""
        row = self._row(teammate_id)
        step = self._step(row, code, at) if row is not None and not row.confirmed_at else None
        if step is None:
            return None
        codes = new_recovery_codes()
        values = {"confirmed_at": at, "last_step": step, "recovery": " ".join(map(_hash, codes))}
        mine = (factors.c.teammate_id == teammate_id, factors.c.confirmed_at == 0)
        with self._database.change() as connection:
            return codes if connection.execute(update(factors).where(*mine).values(values)).rowcount else None

    def is_on(self, teammate_id: int) -> bool:
        """Whether signing in needs a code."""
        row = self._row(teammate_id)
        return row is not None and bool(row.confirmed_at)

    def recovery_left(self, teammate_id: int) -> int:
        """Recovery codes that are still good."""
        row = self._row(teammate_id)
        return len(row.recovery.split()) if row is not None else 0

    def check(self, teammate_id: int, code: str, at: int) -> bool:
        """Whether a code is good; then it is used up."""
        row = self._row(teammate_id)
        if row is None or not row.confirmed_at:
            return False
        if is_time_code(code):
            step = self._step(row, code, at)
            return step is not None and self._use(teammate_id, row.last_step, {"last_step": step})
        hashed, kept = _hash(code), row.recovery.split()
        if not any(secrets.compare_digest(hashed, one) for one in kept):
            return False
        left = " ".join(one for one in kept if one != hashed)
        return self._use(teammate_id, row.last_step, {"recovery": left}, recovery=row.recovery)

    def forget(self, teammate_id: int) -> bool:
        """Turn it off; False where there was none."""
        with self._database.change() as connection:
            mine = delete(factors).where(factors.c.teammate_id == teammate_id)
            return connection.execute(mine).rowcount > 0

    def _step(self, row: Any, code: str, at: int) -> int | None:
        """The step of a code that was not used before."""
        secret = self._cipher.decrypt(row.secret.encode()).decode()
        step = step_of(secret, code, at) if is_time_code(code) else None
        return step if step is not None and step > row.last_step else None

    def _use(self, teammate_id: int, last_step: int, values: dict[str, Any], *, recovery: str = "") -> bool:
        """Of two who give one code at once, the first."""
        mine = [factors.c.teammate_id == teammate_id, factors.c.last_step == last_step]
        if recovery:
            mine.append(factors.c.recovery == recovery)
        with self._database.record() as connection:
            return connection.execute(update(factors).where(*mine).values(values)).rowcount > 0

    def _row(self, teammate_id: int) -> Any:
        with self._database.read() as connection:
            return connection.execute(
                select(factors).where(factors.c.teammate_id == teammate_id)
            ).one_or_none()


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().lower().encode()).hexdigest()
