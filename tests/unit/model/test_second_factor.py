"""Codes of an authenticator, against the test vectors of RFC 6238 (the last six of their eight digits)."""

import base64

import pytest

from onefold.clock import SECOND
from onefold.model.second_factor import (
    STEP_S,
    code_at,
    is_time_code,
    new_recovery_codes,
    new_secret,
    step_of,
)

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(second: int, code: str) -> None:
    assert code_at(SECRET, second * SECOND) == code
    assert step_of(SECRET, code, second * SECOND) == second // STEP_S


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(steps: int, is_good: bool) -> None:
    at = 1_234_567_890 * SECOND
    code = code_at(SECRET, at + steps * STEP_S * SECOND)
    assert (step_of(SECRET, code, at) is not None) == is_good


def test_recovery_codes_are_no_time_codes_and_differ() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert not any(map(is_time_code, codes))
    assert new_secret() != new_secret()
