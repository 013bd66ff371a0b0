"""How often a wrong password may be tried: for an account, and from an address.

After a few failures each further one makes the next try wait, twice as long each time. A try counts as failed
from its begin, so of many at once none goes uncounted. From an address that was let in before, an account has
tries of its own: strangers cannot lock anyone out there. Kept in memory: a restart forgets it, which nobody
outside can bring about.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence

from onefold.clock import HOUR, MINUTE, SECOND
from onefold.errors import RequestError

FREE = 5
"""Failures that cost nothing: anyone mistypes."""
WAIT_MIN = SECOND
WAIT_MAX = 15 * MINUTE
FORGOTTEN_AFTER = 24 * HOUR
KEYS_MAX = 10_000


class Attempts:
    """Failures by key, the key tried last at the end."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._let_in: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def keys_of(self, account: str, address: str) -> tuple[str, str]:
        """By which signing in is counted."""
        here = _here(account, address)
        return here if here in self._let_in else f"account {account}", f"address {address}"

    def begin(self, keys: Sequence[str], now: int) -> None:
        """Let a try pass, and count it as failed until it is known to be right.

        Raises:
            RequestError: 429, with when to come again.
        """
        with self._lock:
            wait = max(self._free_at(key) for key in keys) - now
            if wait > 0:
                raise _too_many(-(-wait // SECOND))
            for key in keys:
                count, last = self._failures.pop(key, (0, now))
                fresh = 0 if now - last > FORGOTTEN_AFTER else count
                self._failures[key] = (fresh + 1, now)
            while len(self._failures) > KEYS_MAX:
                self._failures.popitem(last=False)

    def take_back(self, keys: Sequence[str]) -> None:
        """It was no failure; those before it stand."""
        with self._lock:
            for key in keys:
                count, last = self._failures.get(key, (0, 0))
                if count > 1:
                    self._failures[key] = (count - 1, last)
                else:
                    self._failures.pop(key, None)

    def succeed(self, keys: Sequence[str]) -> None:
        """The right one was given: failures of the first key are forgotten, and the others did not fail."""
        self._failures.pop(keys[0], None)
        self.take_back(keys[1:])

    def let_in(self, account: str, address: str) -> None:
        """It was their owner who came from there."""
        here = _here(account, address)
        with self._lock:
            self._let_in[here] = None
            self._let_in.move_to_end(here)
            if len(self._let_in) > KEYS_MAX:
                self._let_in.popitem(last=False)

    def _free_at(self, key: str) -> int:
        count, last = self._failures.get(key, (0, 0))
        if count < FREE:
            return 0
        return last + min(WAIT_MIN << min(count - FREE, 20), WAIT_MAX)


def _here(account: str, address: str) -> str:
    return f"account {account} at {address}"


def _too_many(seconds: int) -> RequestError:
    return RequestError(
        "api.too_many_attempts",
        "Too many wrong attempts.",
        status=429,
        retry_after_s=seconds,
        hint=f"Try again in {seconds} seconds, or have your password reset.",
    )
