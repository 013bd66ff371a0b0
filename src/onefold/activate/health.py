"""How a connection fares with its destination: whether it may send, how much at once, when it goes on.

In: what became of requests, and the destination's own word on what it holds and allows. Out: room for
requests, the times at which a wait ends by itself, and the state that is told, when it changes.
"""

import asyncio
from collections.abc import Sequence

from onefold.activate import standing
from onefold.activate.desk import Desk
from onefold.clock import SECOND, Clock
from onefold.errors import ConnectorError, SetupError
from onefold.model.delivery import ConnectionState
from onefold.model.goal import Goal
from onefold.plugin.contract import Destination

FAILURES_BEFORE_PROBING = 3
"""So many failures in a row, and one request at a time goes out to see whether it is back."""
PROBE_S = 60.0
"""How often a paused connection asks whether its credentials are right by now."""
STEADY_S = 10
"""A connection that failed, and then has worked for so long, is well: most faults come at the first try."""
LEARN_S = 3600.0
"""How often a destination is asked what it holds: types of fields seldom change. If it fails to tell, it is
asked again like one that is paused."""
LEARN_S_MAX = 15.0
"""Longer, and planning begins without."""


class Health:
    """Of one connection; belongs to its courier."""

    def __init__(
        self, connection_id: int, desk: Desk, clock: Clock, failed: ConnectionState | None = None
    ) -> None:
        """`failed` is told until it has proved to work again."""
        self._connection_id = connection_id
        self._desk = desk
        self._clock = clock
        self._told = self._failed = failed
        self._started_at = clock()
        self._failures = 0
        self._succeeded_at = 0
        self._not_before = 0
        self._paused: ConnectionState | None = None
        self._paused_for = ""
        """The permission whose lack is the reason; empty: the credentials, or the address."""
        self._probe_at = 0
        self._learn_at = 0
        self._missing: Sequence[SetupError] = ()
        """What the destination may not do for want of a permission, as it told itself."""

    # -- what may be sent -------------------------------------------------------------------------------

    @property
    def is_paused(self) -> bool:
        """Nothing can go until someone sets it right."""
        return self._paused is not None

    @property
    def is_well(self) -> bool:
        """Not, or no longer, under suspicion of failing again."""
        return self._failed is None

    @property
    def _destination(self) -> Destination:
        return self._desk.destination

    def room(self, under_way: int) -> int:
        """How many requests may leave now, beside those under way."""
        if self._paused is not None or self._clock() < self._not_before:
            return 0
        at_once = 1 if self._failures >= FAILURES_BEFORE_PROBING else self._destination.concurrency
        return max(0, at_once - under_way)

    def times(self, under_way: int) -> list[int]:
        """When something may change by itself, which no answer tells."""
        times = [self._probe_at] if self._asks(under_way) else []
        if self._clock() < self._not_before:
            times.append(self._not_before)
        return times

    # -- what became of requests ------------------------------------------------------------------------

    def note_answer(self, *, has_succeeded: bool) -> None:
        """The destination answers; whether it took what it was sent."""
        self._failures = 0
        if has_succeeded:
            self._succeeded_at = self._desk.now

    def note_failure(self) -> None:
        """It is away, or fails."""
        self._failures += 1

    def has_succeeded_since(self, at: int) -> bool:
        """Whether it took anything after that."""
        return self._succeeded_at > at

    def throttle(self, wait_s: float) -> int:
        """It asks to slow down; when to go on, at the earliest."""
        self._not_before = max(self._not_before, self._desk.now + int(wait_s * SECOND))
        return self._not_before

    def pause(self, error: SetupError) -> None:
        """Send nothing until someone has set it right."""
        if self._paused is None:
            self._probe_later(self._desk.now)
        self._paused = standing.paused(self._connection_id, error, self._desk.now)
        self._paused_for = error.permission

    def close_channel(self, channel: str, error: SetupError) -> None:
        """Send nothing on an optional channel until someone has set it right."""
        if not self._desk.closed:
            self._probe_later(self._desk.now)
        self._desk.closed[channel] = error

    # -- what the destination says itself ---------------------------------------------------------------

    def learn_anew(self) -> None:
        """The goals have changed: what the destination holds is to be heard before the next plan."""
        self._learn_at = 0

    async def learn(self, goals: Sequence[Goal]) -> None:
        """Hear what the destination holds, before values are fitted to it."""
        if self._desk.now < self._learn_at or not goals:
            return
        self._learn_at = self._desk.now + int(LEARN_S * SECOND)
        try:
            async with asyncio.timeout(LEARN_S_MAX):
                self._missing = await self._destination.learn(goals)
        except (ConnectorError, TimeoutError):
            self._learn_at = self._desk.now + int(PROBE_S * SECOND)

    async def probe(self, under_way: int) -> None:
        """What waits asks now and then whether someone has set it right at the destination."""
        if not self._asks(under_way) or self._desk.now < self._probe_at:
            return
        try:
            probes = await self._destination.check_credentials()
        except ConnectorError:
            return
        finally:
            self._probe_later(self._clock())
        missing = {probe.name for probe in probes if not probe.passed}
        # Wrong credentials pass nothing. What is optional may be missing all the while.
        if self._paused_for not in missing if self._paused_for else len(missing) < len(probes):
            self._paused = None
        for channel, error in list(self._desk.closed.items()):
            if error.permission not in missing:
                del self._desk.closed[channel]

    def _asks(self, under_way: int) -> bool:
        return bool(self._desk.closed) if self._paused is None else not under_way

    def _probe_later(self, now: int) -> None:
        self._probe_at = now + int(PROBE_S * SECOND)

    # -- what is told of it -----------------------------------------------------------------------------

    def note_off(self) -> None:
        """Keep that nothing more is planned or sent; what had to be set right before stays told."""
        self._note(self._paused or standing.off(self._connection_id, self._desk.now))

    def note_state(self, refused: SetupError | None, *, is_done: bool) -> None:
        """Keep how it fares: `refused` is what reading back lacks; `is_done`, that nothing is left to do."""
        state = self._paused or self._describe(refused)
        if self._failed is not None and state.state in ("running", "limited"):
            # All that there was is done; or things went well for a while, where there is always something.
            is_steady = self._desk.now - self._started_at > STEADY_S * SECOND and self._succeeded_at > 0
            if is_done or is_steady:
                self._failed = None
            else:
                state = self._failed
        self._note(state)

    def _note(self, state: ConnectionState) -> None:
        """Only a change is news."""
        told = self._told
        if told is None or (told.state, told.code) != (state.state, state.code):
            self._told = self._desk.writes.state = state

    def _describe(self, refused: SetupError | None) -> ConnectionState:
        connection_id, now = self._connection_id, self._desk.now
        if self._failures >= FAILURES_BEFORE_PROBING:
            return standing.failing(connection_id, now)
        if now < self._not_before:
            return standing.throttled(connection_id, now)
        missing = [*self._desk.closed.values(), *self._missing, *([refused] if refused else [])]
        if missing:
            return standing.limited(connection_id, missing, now)
        return self._desk.purse.state(now) or standing.running(connection_id, now)
