"""Every error Onefold raises on purpose, grouped by what the caller should do.

    OnefoldError                 code, message (safe to show, no personal data), hint
    ├─ ConfigError           abort the start: shows every problem at once
    ├─ RequestError          the API caller's fault: HTTP status and problem+json
    ├─ ConnectorError
    │  ├─ SetupError         credentials or permissions: pause the connection, alert
    │  ├─ ThrottledError     slow down this connection for `retry_after_s`
    │  └─ TransientError     time-out, 5xx: back off with jitter, up to the limit
    └─ StorageError          our own store is unwell: stop taking work, keep the offset

Bad *data* is never an exception: it is an `Outcome`.
"""

from collections.abc import Sequence


class OnefoldError(Exception):
    """An error with a stable code and words for the person who meets it."""

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip() + f" [{self.code}]"


class ConfigProblem:
    """One wrong setting: where it stands, what was found, what is expected."""

    __slots__ = ("expected", "got", "path", "source")

    def __init__(self, source: str, path: str, got: str, expected: str) -> None:
        self.source = source
        self.path = path
        self.got = got
        self.expected = expected

    def __str__(self) -> str:
        return f"{self.source}: {self.path} is {self.got}; expected {self.expected}"


class ConfigError(OnefoldError):
    """The settings cannot be used; carries every problem found."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__("config.invalid", f"{len(problems)} problem(s) in the settings:\n{lines}")
        self.problems = tuple(problems)


class RequestError(OnefoldError):
    """The caller sent something that cannot be done; answered as problem+json."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        field: str = "",
        hint: str = "",
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(code, message, hint=hint)
        self.status = status
        self.field = field
        self.retry_after_s = retry_after_s


class ConnectorError(OnefoldError):
    """A destination or source outside could not do what was asked."""


class SetupError(ConnectorError):
    """Credentials or permissions are wrong: nothing will succeed until someone acts.

    `permission` names the one that is missing, when that is all that is wrong.
    """

    def __init__(self, code: str, message: str, *, hint: str = "", permission: str = "") -> None:
        super().__init__(code, message, hint=hint)
        self.permission = permission


class ThrottledError(ConnectorError):
    """The provider asks us to slow down for `retry_after_s` seconds."""

    def __init__(self, code: str, message: str, *, retry_after_s: float, hint: str = "") -> None:
        super().__init__(code, message, hint=hint)
        self.retry_after_s = retry_after_s


class TransientError(ConnectorError):
    """It may work later without anyone acting. `may_have_arrived` when the answer was lost."""

    def __init__(self, code: str, message: str, *, may_have_arrived: bool = False, hint: str = "") -> None:
        super().__init__(code, message, hint=hint)
        self.may_have_arrived = may_have_arrived


class StorageError(OnefoldError):
    """Our own store cannot take or give data: stop taking work and keep the offset."""
