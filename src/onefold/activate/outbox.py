"""Packing items into requests so that order holds for each profile, and no request waits without need.

A request may leave when every earlier request that carries one of its profiles is answered. Items of free
profiles share requests that leave at once; those whose profile is under way gather in requests of the next
level, which wait for all that they depend on. Requests are packed while planning and never change afterwards,
so dependencies always point to older or lower ones: no cycle can form.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

from onefold.model.delivery import Item, Request
from onefold.plugin.declare import Channel

ITEM_BYTES = 1
"""A comma."""
ENVELOPE_BYTES = 200
"""Braces and names of arrays."""


class Parcels:
    """A request in memory: what it waits for, who waits for it."""

    __slots__ = ("bytes", "closed", "dependents", "filling", "level", "parts", "profiles", "request", "waits")

    def __init__(self, request: Request, level: int) -> None:
        self.request = request
        self.level = level
        self.filling = True
        self.closed = False
        self.waits = 0
        self.dependents: list[Parcels] = []
        self.profiles: set[int] = set()
        self.parts: Counter[str] = Counter()
        self.bytes = ENVELOPE_BYTES

    def add(self, item: Item) -> None:
        """One more item."""
        self.request.items.append(item)
        self.profiles.add(item.profile_id)
        self.parts[item.part] += 1
        self.bytes += len(item.body) + ITEM_BYTES

    def has_room(self, item: Item, channel: Channel) -> bool:
        """Whether the item fits under the channel's limits."""
        count = self.parts[item.part] if channel.per_part else len(self.request.items)
        return count < channel.items_max and self.bytes + len(item.body) + ITEM_BYTES <= channel.bytes_max


class Outbox:
    """Everything of one connection that is not answered yet."""

    def __init__(self, connection_id: int, channels: Mapping[str, Channel], gap: int = 0) -> None:
        self._connection_id = connection_id
        self._channels = channels
        self._gap = gap
        self._last: dict[int, Parcels] = {}
        self._joined: dict[int, list[Parcels]] = {}
        self._answered_at: dict[int, int] = {}
        self._fills: dict[tuple[str, int], Parcels] = {}
        self._new: list[Parcels] = []
        self._ready: deque[Parcels] = deque()
        self._later: list[tuple[int, int, Parcels]] = []
        self._open: dict[int, Parcels] = {}
        self.planned_count = 0
        """Items packed since the last `seal`."""

    @property
    def open_count(self) -> int:
        """Requests that are not answered yet."""
        return len(self._open)

    def add(self, channel_name: str, item: Item, now: int) -> None:
        """Pack one item behind everything of its profile."""
        channel = self._channels[channel_name]
        profile_id = item.profile_id
        before = self._last.get(profile_id)
        after = [one for one in self._joined.pop(profile_id, ()) if not one.closed]
        hold = self._hold_until(profile_id)
        if before is not None and before.filling and not after and before.request.channel == channel_name:
            target = before if before.has_room(item, channel) else self._behind([before], channel, item)
        elif before is None and not after and hold <= now:
            target = self._fill(channel, 0, item)
        else:
            target = self._behind([*after, before] if before else after, channel, item)
            if hold > now:
                target.request.retry_at = max(target.request.retry_at, hold)
        target.add(item)
        self._last[profile_id] = target
        self.planned_count += 1

    def join(self, old: int, new: int) -> None:
        """Two profiles became one: what comes for the survivor waits for what is under way for both."""
        before = self._last.get(old)
        if before is not None and self._last.get(new) is not before:
            self._joined.setdefault(new, []).append(before)
        self._joined.setdefault(new, []).extend(self._joined.pop(old, []))

    def seal(self, next_id: int) -> list[Request]:
        """Number the packed requests, lowest level first, and let those go that wait for nothing."""
        packed = sorted(self._new, key=lambda one: one.level)
        for number, parcels in enumerate(packed, next_id):
            parcels.request.id = number
            parcels.filling = False
            parcels.level = 0
            self._open[number] = parcels
            self._release(parcels)
        self.planned_count = 0
        self._new, self._fills = [], {}
        return [parcels.request for parcels in packed]

    def restore(self, requests: Iterable[Request]) -> None:
        """Take up what a restart found, in the order of its numbers."""
        for request in requests:
            parcels = Parcels(request, 0)
            parcels.filling = False
            parcels.profiles = {item.profile_id for item in request.items}
            self._enlist(parcels, [])
            self._open[request.id] = parcels
            self._release(parcels)

    def pop_ready(self, now: int) -> Parcels | None:
        """The next request that may leave; oldest first."""
        while self._later and self._later[0][0] <= now:
            self._ready.append(heappop(self._later)[2])
        return self._ready.popleft() if self._ready else None

    def put_back(self, parcels: Parcels) -> None:
        """It did not leave after all."""
        self._ready.appendleft(parcels)

    def put_off(self, parcels: Parcels) -> None:
        """It goes again at its `retry_at`; its profiles wait for it."""
        heappush(self._later, (parcels.request.retry_at, parcels.request.id, parcels))

    def next_at(self) -> int:
        """When the next request that was put off may leave; 0 for none."""
        return self._later[0][0] if self._later else 0

    def close(self, parcels: Parcels, now: int) -> None:
        """It was answered: let go what waited for it."""
        del self._open[parcels.request.id]
        parcels.closed = True
        for profile_id in parcels.profiles:
            if self._last.get(profile_id) is parcels:
                del self._last[profile_id]
                if self._gap:
                    self._answered_at[profile_id] = now
        self._let_go(parcels, now)

    def unsent(self) -> list[Parcels]:
        """Requests that have never left, and what certainly has not arrived."""
        return [one for one in self._open.values() if not (one.request.sent or one.request.maybe_doubled)]

    def split(self, parcels: Parcels, next_id: int) -> list[Request]:
        """Two halves in its place; whoever waited for it waits for both."""
        items = parcels.request.items
        middle = len(items) // 2
        halves = []
        for number, part in enumerate((items[:middle], items[middle:]), next_id):
            half = Parcels(Request(number, self._connection_id, parcels.request.channel, part), 0)
            half.filling = False
            half.profiles = {item.profile_id for item in part}
            halves.append(half)
        first, second = halves
        if first.profiles & second.profiles:
            first.dependents.append(second)
            second.waits += 1
        for half in halves:
            half.dependents += parcels.dependents
            for profile_id in half.profiles:
                if self._last.get(profile_id) is parcels or self._last.get(profile_id) is first:
                    self._last[profile_id] = half
            self._release(half)
        for dependent in parcels.dependents:
            dependent.waits += 1
        for waiting in self._joined.values():
            if parcels in waiting:
                waiting.remove(parcels)
                waiting.extend(halves)
        parcels.closed = True
        del self._open[parcels.request.id]
        self._open |= {half.request.id: half for half in halves}
        return [half.request for half in halves]

    def forget_gaps(self, now: int) -> None:
        """Drop answers older than the gap."""
        if self._gap and self._answered_at:
            self._answered_at = {one: at for one, at in self._answered_at.items() if at + self._gap > now}

    def _hold_until(self, profile_id: int) -> int:
        """When the gap after the last answer for a profile is over."""
        answered_at = self._answered_at.get(profile_id)
        return 0 if answered_at is None else answered_at + self._gap

    def _fill(self, channel: Channel, level: int, item: Item) -> Parcels:
        """The request being packed for a channel and level, or a new one when the item does not fit."""
        key = channel.name, level
        found = self._fills.get(key)
        if found is None or not found.has_room(item, channel):
            found = Parcels(Request(0, self._connection_id, channel.name, []), level)
            self._fills[key] = found
            self._new.append(found)
        return found

    def _behind(self, before: list[Parcels], channel: Channel, item: Item) -> Parcels:
        target = self._fill(channel, 1 + max((one.level for one in before), default=0), item)
        for one in before:
            if target not in one.dependents:
                one.dependents.append(target)
                target.waits += 1
        return target

    def _enlist(self, parcels: Parcels, before: list[Parcels]) -> None:
        for profile_id in parcels.profiles:
            last = self._last.get(profile_id)
            if last is not None and last not in before:
                before.append(last)
            self._last[profile_id] = parcels
        for one in before:
            one.dependents.append(parcels)
            parcels.waits += 1

    def _release(self, parcels: Parcels) -> None:
        if parcels.waits:
            return
        if parcels.request.retry_at:
            self.put_off(parcels)
        else:
            self._ready.append(parcels)

    def _let_go(self, parcels: Parcels, now: int) -> None:
        for dependent in parcels.dependents:
            dependent.waits -= 1
            if self._gap:
                dependent.request.retry_at = max(dependent.request.retry_at, now + self._gap)
            if not dependent.filling:
                self._release(dependent)
