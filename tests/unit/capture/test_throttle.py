"""The rate of a source, and its dead letters a minute."""

from onefold.capture.throttle import LetterAllowance, Throttle
from onefold.clock import MINUTE, SECOND
from onefold.model.source import Source

SOURCE = Source(1, "shop", rate_per_s=10)


def test_a_second_of_burst_then_the_rate():
    throttle, now = Throttle(), 100 * SECOND
    throttle.take(SOURCE, 10, now)
    assert throttle.retry_after_s(SOURCE, now) == 1
    assert throttle.retry_after_s(SOURCE, now + SECOND // 5) == 0


def test_a_large_batch_passes_and_leaves_a_debt():
    throttle, now = Throttle(), 100 * SECOND
    assert throttle.retry_after_s(SOURCE, now) == 0
    throttle.take(SOURCE, 60, now)
    assert throttle.retry_after_s(SOURCE, now) == 5
    assert throttle.retry_after_s(SOURCE, now + 5 * SECOND + 1) == 0


def test_quiet_time_saves_no_more_than_a_second():
    throttle = Throttle()
    throttle.take(SOURCE, 1, 0)
    throttle.take(SOURCE, 11, 1000 * SECOND)
    assert throttle.retry_after_s(SOURCE, 1000 * SECOND) == 1


def test_a_clock_that_goes_back_takes_nothing_away():
    throttle = Throttle()
    throttle.take(SOURCE, 1, 100 * SECOND)
    assert throttle.retry_after_s(SOURCE, 50 * SECOND) == 0


def test_letters_are_allowed_by_the_minute_and_source():
    allowance = LetterAllowance(2)
    assert [allowance.take(1, 0) for _ in range(3)] == [True, True, False]
    assert allowance.take(2, 0)
    assert allowance.take(1, MINUTE)
