"""A second proof beside the password: codes of six digits that change each half minute (RFC 6238).

In: a secret, a code, a time. Out: whether the code is of that time. SHA-1, six digits and 30 seconds: that is
what every authenticator reads.
"""

import base64
import secrets

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from onefold.clock import SECOND

DIGITS = 6
STEP_S = 30
DRIFT_STEPS = 1
"""A telephone's clock may be so far off, either way (RFC 6238, 5.2)."""
SECRET_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_BYTES = 8


def new_secret() -> str:
    """A secret, in the letters that people may type (base32)."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def new_recovery_codes() -> list[str]:
    """Codes for whoever has lost the authenticator, each good once."""
    return [secrets.token_hex(RECOVERY_BYTES) for _ in range(RECOVERY_CODES)]


def is_time_code(code: str) -> bool:
    """Whether it may be of an authenticator: else it is a recovery code."""
    return len(code) == DIGITS and code.isascii() and code.isdecimal()


def step_of(secret: str, code: str, at: int) -> int | None:
    """The step of time that a code is of, near `at`; None where it is of none."""
    now = at // SECOND // STEP_S
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        try:
            _totp(secret).verify(code.encode(), step * STEP_S)
        except InvalidToken:
            continue
        return step
    return None


def code_at(secret: str, at: int) -> str:
    """The code of a moment."""
    return _totp(secret).generate(at // SECOND).decode()


def address_of(secret: str, email: str, workspace: str) -> str:
    """What an authenticator scans."""
    return _totp(secret).get_provisioning_uri(email, f"Onefold {workspace}")


def _totp(secret: str) -> TOTP:
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_S)  # noqa: S303 - see the module
