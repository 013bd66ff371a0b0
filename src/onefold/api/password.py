"""Passwords: what a new one may be, and how one is proved: so often, and two at a time.

To check one costs 50 ms and 64 MiB on purpose (`control/team.py`). Whoever waits for a turn holds no thread,
so a flood of wrong passwords keeps nobody else from the API.
"""

import asyncio
from typing import Annotated

from msgspec import Meta

from onefold.api.attempts import Attempts
from onefold.api.workspace import Workspace
from onefold.backends.embedded.control.team import CHECKS_MAX
from onefold.errors import RequestError
from onefold.model.teammate import PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, Teammate

WAITING_MAX = 100
"""Who comes then would wait for seconds."""

Password = Annotated[str, Meta(max_length=PASSWORD_CHARS_MAX)]
NewPassword = Annotated[str, Meta(min_length=PASSWORD_CHARS_MIN, max_length=PASSWORD_CHARS_MAX)]


class PasswordChecks:
    """Checks passwords for the whole API."""

    def __init__(self) -> None:
        self.attempts = Attempts()
        self._turn = asyncio.Semaphore(CHECKS_MAX)
        self._waiting = 0

    async def verify(self, workspace: Workspace, email: str, password: str) -> Teammate | None:
        """The teammate, if the password is theirs. Count the try first: `attempts.begin`.

        Raises:
            RequestError: too many wait already.
        """
        if self._waiting >= WAITING_MAX:
            raise RequestError(
                "api.too_many_requests",
                "Too many sign in at once.",
                status=429,
                retry_after_s=5,
                hint="Try again in a few seconds.",
            )
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(workspace.team.verify, email, password)
        finally:
            self._waiting -= 1

    async def verify_own(self, workspace: Workspace, me: Teammate, password: str, *, field: str) -> None:
        """Ask for the password of who is signed in; strangers cannot use up these tries.

        Raises:
            RequestError: it is not theirs, or was tried too often.
        """
        keys = (f"session {me.email}",)
        self.attempts.begin(keys, workspace.clock())
        if await self.verify(workspace, me.email, password) is None:
            raise RequestError("api.wrong_password", "That is not your password.", status=422, field=field)
        self.attempts.succeed(keys)


def check_password(password: str, teammate: Teammate) -> None:
    """Refuse what is guessed first.

    Raises:
        RequestError: it is.
    """
    folded = password.casefold()
    if teammate.email in folded or folded in teammate.email or len(set(folded)) < 5:
        raise RequestError(
            "api.weak_password",
            "That password is guessed at once.",
            status=422,
            field="password",
            hint="Take a few words that do not belong together.",
        )
