"""Who enters and leaves which segment in a batch, and when each must be looked at again without an event.

In: a profile that changed (or whose timer is due), at a clock. Out: its mask, since and timer brought up to
date, and the transitions noted in order.
"""

from collections import Counter
from heapq import heappop, heappush

from onefold.clock import DAY, MINUTE
from onefold.model.profile import Profile
from onefold.pipeline.segments import Segments
from onefold.pipeline.store import SegmentDay, Writes

News = tuple[str, int, bool]
"""An event's name, what else it changed (flags of `segment.evaluator`), and whether the profile is new."""


class Memberships:
    """The transitions and timers of one batch."""

    __slots__ = (
        "_due_in_store",
        "_horizon",
        "_segments",
        "_stale",
        "_timers",
        "changed",
        "entered",
        "heap",
        "left",
        "log",
        "members",
    )

    def __init__(self, segments: Segments, horizon: int) -> None:
        self._segments = segments
        self._horizon = horizon
        """The clock at the end of the batch: later timers are not this batch's."""
        self._timers: dict[int, int] = {}
        self._due_in_store: dict[int, int] = {}
        self._stale: list[tuple[int, int]] = []
        self.heap: list[tuple[int, int]] = []
        """(due at, profile id) within this batch; stale entries are skipped by who takes them."""
        self.entered: list[tuple[int, int]] = []
        self.left: list[tuple[int, int]] = []
        self.log: list[tuple[int, int, int, int, int]] = []
        self.members: dict[tuple[int, int], int] = {}
        self.changed: set[int] = set()
        """Profiles whose mask or timer changed."""

    def evaluate(self, profile: Profile, clock: int, offset: int, news: News | None = None) -> bool:
        """Decide all segments that may be decided for this profile; False if a rule fails on its values.

        Args:
            news: all that happened since the profile was decided: most rules need no look then, and the
                timer that stands holds for them.
        """
        allowed = self._segments.allowed(profile.id)
        if not allowed:
            self._retime(profile, 0, clock)
            return True
        try:
            mask, due = self._ask(profile, clock, allowed, news)
        except Exception:
            # Rules mind types, so this is a fault of ours; the profile stays where it is, all others go on.
            self._retime(profile, 0, clock)
            return False
        before = profile.mask
        if mask != before:
            self._flip(profile, before, mask, clock, offset)
        if due and due <= clock:
            due = clock + MINUTE  # a due time in the past would fire for ever
        self._retime(profile, due, clock)
        return True

    def _ask(self, profile: Profile, clock: int, allowed: int, news: News | None) -> tuple[int, int]:
        evaluator = self._segments.evaluator
        if news is None or 0 < profile.timer_at <= clock:
            return evaluator.evaluate(profile, clock, allowed)
        event, changed, is_new = news
        if not is_new:
            return evaluator.evaluate_after(profile, clock, allowed, profile.mask, event, changed)
        if allowed & evaluator.every != evaluator.every:
            # Segments that still fill answer with the bit that stands: those that ask about them must, too.
            return evaluator.evaluate(profile, clock, allowed)
        return evaluator.evaluate_after(profile, clock, allowed, evaluator.blank, event, changed)

    def leave(self, profile: Profile, bits: int, clock: int, offset: int) -> None:
        """Take the profile out of these segments."""
        before = profile.mask
        if before & bits:
            self._flip(profile, before, before & ~bits, clock, offset)

    def remove(self, profile: Profile, clock: int, offset: int) -> None:
        """The profile was merged away: it leaves everything, and nothing is due for it."""
        self._flip(profile, profile.mask, 0, clock, offset)
        self._set_timer(profile, 0)
        self.changed.discard(profile.id)

    def forget(self, due: int, profile_id: int) -> None:
        """A timer that is nobody's: its row goes, so that it is not due for ever."""
        self._stale.append((due, profile_id))

    def take_due(self, clock: int) -> tuple[int, int] | None:
        """The (due at, profile id) that is due first, up to this clock; None for none."""
        if self.heap and self.heap[0][0] <= clock:
            return heappop(self.heap)
        return None

    def fill(self, writes: Writes) -> None:
        """Hand over what changed."""
        writes.members = self.members
        writes.membership_log = self.log
        writes.segment_days |= self._count_days()
        writes.timers_removed = self._stale
        for profile_id, due in self._timers.items():
            stored = self._due_in_store[profile_id]
            if stored == due:
                continue
            if stored:
                writes.timers_removed.append((stored, profile_id))
            if due:
                writes.timers_added.append((due, profile_id))

    def _count_days(self) -> dict[SegmentDay, tuple[int, int]]:
        """How many entered and left each segment on each day of the clock: of midnight a batch has two."""
        moves = Counter((segment_id, at // DAY, entered) for _, at, segment_id, _, entered in self.log)
        return {
            (segment_id, day): (moves[segment_id, day, 1], moves[segment_id, day, 0])
            for segment_id, day in {move[:2] for move in moves}
        }

    def _flip(self, profile: Profile, before: int, after: int, clock: int, offset: int) -> None:
        profile_id = profile.id
        changed = before ^ after
        while changed:
            bit = changed & -changed
            changed ^= bit
            segment_id = bit.bit_length() - 1
            if after & bit:
                profile.member_since[segment_id] = clock
                self.entered.append((segment_id, profile_id))
                self.members[segment_id, profile_id] = clock
                self.log.append((offset, clock, segment_id, profile_id, 1))
            else:
                profile.member_since.pop(segment_id, None)
                self.left.append((segment_id, profile_id))
                self.members[segment_id, profile_id] = 0
                self.log.append((offset, clock, segment_id, profile_id, 0))
        profile.set_mask(after)
        self.changed.add(profile_id)

    def _retime(self, profile: Profile, due: int, clock: int) -> None:
        """Note when to look again. A timer that is too early stays: it fires in vain once and is set then.

        Moving it at each event would cost two random pages an event (measured at 2 million profiles).
        """
        timer_at = profile.timer_at
        if timer_at > clock and (not due or timer_at <= due):
            return
        if due != timer_at:
            self._set_timer(profile, due)

    def _set_timer(self, profile: Profile, due: int) -> None:
        profile_id = profile.id
        self._due_in_store.setdefault(profile_id, profile.timer_at)
        self._timers[profile_id] = due
        profile.timer_at = due
        self.changed.add(profile_id)
        if due and due <= self._horizon:
            heappush(self.heap, (due, profile_id))
