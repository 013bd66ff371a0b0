"""Rate limits as providers state them: a moment or a span, a number or a date, or nothing."""

import pytest
from multidict import CIMultiDict

from onefold.plugin.rate import WAIT_S_MAX, Rate, read_rate

NOW = 1_795_000_000.0


def read(**headers):
    return read_rate(CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}), NOW)


def test_silence():
    assert read() == Rate()


def test_a_moment_and_a_span_are_told_apart():
    assert read(X_RateLimit_Reset="1795000030").reset_s == 30
    assert read(x_ratelimit_reset="30").reset_s == 30


def test_limits():
    rate = read(X_RateLimit_Limit="3000", X_RateLimit_Remaining="0")
    assert (rate.limit, rate.remaining) == (3000, 0)


@pytest.mark.parametrize(
    ("rate", "wait_s"),
    [
        (Rate(remaining=0, reset_s=9.0), 9),
        (Rate(remaining=0), 0),
        (Rate(remaining=1, reset_s=9.0), 0),
        (Rate(reset_s=9.0), 0),
    ],
)
def test_only_a_limit_that_is_used_up_is_waited_for(rate, wait_s):
    assert rate.wait_s == wait_s


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X_Ratelimit_Retry_After": "3"}, 3),
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": "Wed, 18 Nov 2026 11:06:45 GMT"}, 5),
        ({"Retry_After": "soon"}, None),
        ({"X_Ratelimit_Retry_After": "-4"}, 0),
        ({"Retry_After": "99999999"}, WAIT_S_MAX),
    ],
)
def test_when_to_come_back(headers, seconds):
    assert read(**headers).retry_after_s == seconds
