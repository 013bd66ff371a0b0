"""Limits of a contract are kept, wherever the provider's window begins."""

from hypothesis import given
from hypothesis import strategies as st

from onefold.activate.pace import Pace
from onefold.clock import SECOND
from onefold.plugin.declare import Channel, RateLimit

NOW = 1_795_000_000 * SECOND


def pace(*limits: RateLimit) -> Pace:
    return Pace({"track": Channel("track", 75, 1000, limits=limits), "other": Channel("other", 1, 1)})


def test_a_full_period_makes_the_next_request_wait_until_the_first_ones_are_out_of_it() -> None:
    limited = pace(RateLimit(3, 3.0))
    for _ in range(3):
        assert limited.wait_s("track", NOW) == 0
        limited.note("track", NOW)
    wait = limited.wait_s("track", NOW)
    assert 3.0 <= wait <= 3.3
    assert limited.wait_s("other", NOW) == 0
    assert limited.wait_s("track", NOW + int(wait * SECOND)) == 0


def test_the_tightest_of_several_limits_decides() -> None:
    limited = pace(RateLimit(100, 3.0), RateLimit(1, 3_600.0))
    limited.note("track", NOW)
    assert limited.wait_s("track", NOW) > 3_500


def test_a_clock_set_back_frees_nothing() -> None:
    limited = pace(RateLimit(2, 3.0))
    limited.note("track", NOW)
    limited.note("track", NOW - 10 * SECOND)
    assert limited.wait_s("track", NOW) > 0


@given(
    st.integers(1, 5),
    st.lists(st.integers(0, SECOND), min_size=1, max_size=60),
)
def test_no_stretch_of_the_period_holds_more_than_the_limit(most: int, gaps: list[int]) -> None:
    limited, now, left = pace(RateLimit(most, 3.0)), NOW, []
    for gap in gaps:
        now += gap
        if limited.wait_s("track", now) == 0:
            limited.note("track", now)
            left.append(now)
    for at in left:
        assert sum(at <= one < at + 3 * SECOND for one in left) <= most


@given(st.lists(st.integers(0, SECOND), min_size=1, max_size=40))
def test_whoever_waits_as_told_may_go(gaps: list[int]) -> None:
    limited, now = pace(RateLimit(2, 3.0)), NOW
    for gap in gaps:
        now += gap
        now += -int(-limited.wait_s("track", now) * SECOND // 1)
        assert limited.wait_s("track", now) <= 0.000_002
        limited.note("track", now + 2)
