"""The time at which the web role says that it received something.

In: the machine's clock, which people and time servers set, and its count of the time since it started, which
nobody sets. Out: the machine's clock, but a step of it of more than five minutes is followed only once it has
lasted for ten: a wrong date of a moment would end every window, and stand in the log for ever.
"""

import time
from collections.abc import Callable

import structlog

from onefold.clock import MINUTE, SECOND, Clock, now, to_iso

STEP_MAX = 5 * MINUTE
"""More is no correction of a clock that drifts; and counters that went back further would not be seen by who
adds them up (`SETTLED_MINUTES` of the looks)."""
PATIENCE = 10 * MINUTE
"""So long a new time must stand: time servers put a wrong one right within minutes."""
CHECK_EVERY = SECOND
"""Between two comparisons of the clocks: asked a thousand times a second, the second clock would cost more
than the first."""
_NEVER = 1 << 62
# It goes on while a laptop sleeps; where there is none such, waking up is a step that lasts.
_COUNT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

logger = structlog.get_logger(__name__)


def since_start() -> int:
    """Microseconds of this machine's running, asleep or awake."""
    return time.clock_gettime_ns(_COUNT) // 1000


class SteadyClock:
    """A `Clock`; what the machine says when it is made is believed. Any thread may ask."""

    def __init__(self, wall: Clock = now, steady: Callable[[], int] = since_start) -> None:
        self._wall = wall
        self._steady = steady
        self._checked = wall()
        self._started = self._checked - steady()
        """When the machine started, by the time that is believed."""
        self._stepped_at = 0
        self._step = 0

    def __call__(self) -> int:
        """Now, in microseconds UTC."""
        wall = self._wall()
        return wall if 0 <= wall - self._checked < CHECK_EVERY else self._check(wall)

    @property
    def step(self) -> int:
        """By how much the machine's clock was set, while that is not believed (0: both agree)."""
        self()
        return self._step

    def _check(self, wall: int) -> int:
        steady = self._steady()
        step = wall - steady - self._started
        if abs(step) > STEP_MAX and not self._has_lasted(step, steady):
            self._step = step
            return steady + self._started
        if self._step:
            logger.warning("web.clock_settled", at=to_iso(wall))
        self._step, self._checked, self._started = 0, wall, wall - steady
        return wall

    def _has_lasted(self, step: int, steady: int) -> bool:
        if not self._step or abs(step - self._step) > STEP_MAX:
            self._stepped_at = steady
            self._checked = _NEVER
            logger.warning("web.clock_stepped", by_s=step // SECOND, kept=to_iso(steady + self._started))
        return steady - self._stepped_at >= PATIENCE
