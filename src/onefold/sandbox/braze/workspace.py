"""Everything one local Braze knows: people, attribute types, queue, limits, faults, journal.

All of it lives in memory and ends with the process.
"""

from __future__ import annotations

import random
from collections import deque
from uuid import UUID

from onefold.sandbox.braze.campaign import Messaging
from onefold.sandbox.braze.catalog import Catalog
from onefold.sandbox.braze.clock import SandboxClock
from onefold.sandbox.braze.currents import Currents
from onefold.sandbox.braze.currents_delivery import deliver
from onefold.sandbox.braze.exported_user import exported_user
from onefold.sandbox.braze.exports import Exports
from onefold.sandbox.braze.faults import Faults
from onefold.sandbox.braze.ignored import IgnoredLog
from onefold.sandbox.braze.journal import Journal
from onefold.sandbox.braze.meter import Meter
from onefold.sandbox.braze.pending import Pending, Work
from onefold.sandbox.braze.profile import Profile
from onefold.sandbox.braze.rates import Limiter
from onefold.sandbox.braze.segment import Segment
from onefold.sandbox.braze.settings import SandboxSettings
from onefold.sandbox.braze.states import States
from onefold.sandbox.braze.store import Store
from onefold.sandbox.braze.tasks import Tasks
from onefold.sandbox.braze.times import parse_time

THROUGHPUT_SECONDS = 10


class Totals:
    """Exact counters since the start or the last reset."""

    def __init__(self) -> None:
        self.requests = 0
        self.objects = 0
        self.objects_refused = 0
        self.attributes = 0
        self.events = 0
        self.purchases = 0
        self.revenue_micros: dict[str, int] = {}
        self.by_endpoint: dict[str, int] = {}
        self.by_status: dict[int, int] = {}
        self.raw_bytes = 0
        self.raw_left_out = 0
        self._seconds: deque[list[int]] = deque(maxlen=THROUGHPUT_SECONDS + 1)

    def note_objects(self, count: int, now: float) -> None:
        """Count accepted objects, also by second."""
        self.objects += count
        second = int(now)
        if not self._seconds or self._seconds[-1][0] != second:
            self._seconds.append([second, 0])
        self._seconds[-1][1] += count

    def objects_per_second(self, now: float) -> float:
        """Return the mean of the last ten whole seconds."""
        until = int(now)
        recent = [n for second, n in self._seconds if until - THROUGHPUT_SECONDS <= second < until]
        return sum(recent) / THROUGHPUT_SECONDS


class Workspace:
    """The state of one local Braze; `reset` starts it anew."""

    def __init__(self, settings: SandboxSettings, clock: SandboxClock | None = None) -> None:
        self.settings = settings
        fixed_at = parse_time(settings.fixed_at) if settings.fixed_at else None
        self.clock = clock or SandboxClock(fixed_at)
        self.exports = Exports()
        self.tasks = Tasks()
        self.reset()

    def reset(self) -> None:
        """Forget all people, counts, faults and waiting work; settings and clock stay."""
        settings = self.settings
        self.store = Store(settings.seed)
        self.meter = Meter()
        self.ignored = IgnoredLog()
        self.journal = Journal(settings.journal_entries_max, settings.journal_bytes_max)
        self.pending = Pending(settings.seed)
        self.limiter = Limiter(settings)
        self.faults = Faults(settings.seed)
        self.totals = Totals()
        self.exports.cancel_all()
        self.tasks.cancel()
        self.exports = Exports()
        self.rng = random.Random(settings.seed)
        self.segments: dict[str, Segment] = {}
        self.states = States(self)
        self.currents = Currents(self)
        self.messaging = Messaging()
        self.catalogs: dict[str, Catalog] = {}
        self.attribute_types: dict[str, str] = {}
        # Names that were ever taken, in order: what the lists of events and products show.
        self.event_names: dict[str, None] = {}
        self.product_ids: dict[str, None] = {}
        self.property_names: dict[str, set[str]] = {}

    def change_settings(self, settings: SandboxSettings) -> None:
        """Take new settings; rate windows start empty."""
        self.settings = settings
        self.limiter = Limiter(settings)
        if self.currents.is_paused:
            self.currents.resume()

    def submit(self, work: Work) -> None:
        """Queue work of a request that was accepted now."""
        settings = self.settings
        self.pending.submit(work, self.clock.now(), settings.delay_ms, settings.jitter_ms, settings.reorder)

    def submit_after(self, delay_ms: float, work: Work) -> None:
        """Queue work that has a delay of its own and holds nothing else up."""
        self.pending.submit(work, self.clock.now(), delay_ms, 0.0, reorder=True)

    def deliver_currents(self) -> None:
        """Start to deliver the engagement events that wait."""
        self.tasks.start(deliver(self))

    def new_uuid(self) -> str:
        """Return a random identifier; equal seeds give equal ones."""
        return str(UUID(int=self.rng.getrandbits(128), version=4))

    def has_raw_room(self, size: int) -> bool:
        """Take room for one raw event, or say that there is none; totals are exact either way."""
        if self.totals.raw_bytes + size > self.settings.raw_bytes_max:
            self.totals.raw_left_out += 1
            return False
        self.totals.raw_bytes += size
        return True

    def forget(self, profile: Profile) -> None:
        """Remove a person, what only their addresses knew, and the room of the raw log."""
        self.store.remove(profile)
        self.states.forget(profile)
        self.totals.raw_bytes -= sum(len(raw.properties) for raw in profile.event_log or [])
        self.totals.raw_bytes -= sum(len(raw.properties) for raw in profile.purchase_log or [])

    def after_birth(self, profile: Profile, now: float) -> None:
        """Give a new profile the states of its address, and hide it from exports for the export lag."""
        for kind, address in (("email", profile.email), ("phone", profile.phone)):
            if address is not None:
                self.states.inherit(profile, kind, address)
        lag_ms = self.settings.export_lag_ms
        if lag_ms > 0:
            profile.shadow = None
            profile.shadow_until = now + lag_ms / 1000

    def before_change(self, profile: Profile, now: float) -> None:
        """Keep what exports show until the lag has passed; a change shows at most the lag later."""
        lag_ms = self.settings.export_lag_ms
        if lag_ms > 0 and now >= profile.shadow_until:
            profile.shadow = exported_user(profile, self.settings, now)
            profile.shadow_until = now + lag_ms / 1000
