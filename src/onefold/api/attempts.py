"""How often a wrong password may be tried: for an account, and from an address.

After a few failures each further one makes the next try wait, twice as long each time. Kept in memory: a
restart forgets it, which nobody outside can bring about.
"""

from collections import OrderedDict
from collections.abc import Sequence

from onefold.clock import HOUR, MINUTE, SECOND
from onefold.errors import RequestError

FREE = 5
"""Failures that cost nothing: anyone mistypes."""
WAIT_MAX = 15 * MINUTE
FORGOTTEN_AFTER = 24 * HOUR
KEYS_MAX = 10_000


class Attempts:
    """Failures by key, the key tried last at the end."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def admit(self, keys: Sequence[str], now: int) -> None:
        """Let a try pass.

        Raises:
            RequestError: 429, with when to come again.
        """
        wait = max(self._free_at(key) for key in keys) - now
        if wait > 0:
            seconds = -(-wait // SECOND)
            raise RequestError(
                "api.too_many_attempts",
                "Too many wrong attempts.",
                status=429,
                retry_after_s=seconds,
                hint=f"Try again in {seconds} seconds, or have your password reset.",
            )

    def fail(self, keys: Sequence[str], now: int) -> None:
        """Note a failure."""
        for key in keys:
            count, last = self._failures.pop(key, (0, now))
            fresh = 0 if now - last > FORGOTTEN_AFTER else count
            self._failures[key] = (fresh + 1, now)
        while len(self._failures) > KEYS_MAX:
            self._failures.popitem(last=False)

    def succeed(self, key: str) -> None:
        """The right one was given."""
        self._failures.pop(key, None)

    def _free_at(self, key: str) -> int:
        count, last = self._failures.get(key, (0, 0))
        if count < FREE:
            return 0
        return last + min(SECOND << min(count - FREE, 20), WAIT_MAX)
