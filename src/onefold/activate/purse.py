"""The budget of a connection: what was spent in its day and month, what is under way, what may still go.

In: what leaves and what was accepted. Out: whether an item may be paid for; what may not is put off by
`put_off.py`. Nothing leaves for which there is no room beside what is under way. Only what takes back what
was sent to someone who withdrew consent goes whatever it costs.
"""

from collections.abc import Sequence

from onefold.activate.store import DeliveryStore
from onefold.model.budget import Budget, Period, periods
from onefold.model.delivery import ConnectionState, Item

SPENT = "activate.budget_spent"
WARNED = "activate.budget_warned"
NO_ROOM = 2**62


class Purse:
    """Of one connection; without a budget everything may go."""

    def __init__(self, connection_id: int, budget: Budget, store: DeliveryStore | None) -> None:
        self._connection_id = connection_id
        self._budget = budget
        self._store = store
        self._is_set = budget.is_set and store is not None
        self._periods: Sequence[Period] = ()
        self._spent: list[int] = []
        self._under_way: dict[int, int] = {}
        self._closed_at_room: int | None = None
        """The room that was too little; what was refused over there may make more."""
        self._noted_at: dict[str, int] = {}

    def look(self, now: int) -> None:
        """See whether a new day or month has begun."""
        if not self._is_set or (self._periods and all(now < one.end for one in self._periods)):
            return
        assert self._store is not None  # noqa: S101 - by `_is_set`
        self._periods = periods(self._budget, now)
        self._spent = [self._store.spent_since(self._connection_id, one.begin) for one in self._periods]
        self._closed_at_room = None
        self._noted_at = {}

    @property
    def is_closed(self) -> bool:
        """Something had to be put off, or nothing is left."""
        if not self._is_set:
            return False
        room = self._room()
        if self._closed_at_room is not None and room > self._closed_at_room:
            self._closed_at_room = None
        return self._closed_at_room is not None or (room <= 0 and not self._under_way)

    @property
    def opens_at(self) -> int:
        """When there is room again, unless someone raises the budget before."""
        full = [one.end for one, left in zip(self._periods, self._left(), strict=True) if left <= 0]
        return max(full or [one.end for one in self._periods], default=0)

    def is_refused(self, item: Item) -> bool:
        """Whether it must wait: it costs, the purse is closed, and no consent was withdrawn."""
        return self._is_set and item.cost > 0 and item.purpose is not None and self.is_closed

    def pay(self, request_id: int, items: Sequence[Item]) -> list[Item]:
        """Those items of a request for which there is no room; the others are under way from now on."""
        if not self._is_set:
            return []
        refused: list[Item] = []
        room, cost, is_closed = self._room(), 0, self.is_closed
        for item in items:
            if not item.cost:
                continue
            if item.purpose is not None and (is_closed or cost + item.cost > room):
                refused.append(item)
                is_closed = True
                self._closed_at_room = room - cost
            else:
                cost += item.cost
        if cost:
            self._under_way[request_id] = cost
        return refused

    def settle(self, request_id: int, cost: int) -> None:
        """A request was answered; of its items those that were accepted cost so much."""
        self._under_way.pop(request_id, None)
        if cost and self._is_set:
            self._spent = [spent + cost for spent in self._spent]

    def state(self, now: int) -> ConnectionState | None:
        """What shall be told of it; None while all is well."""
        if not self._is_set:
            return None
        if self.is_closed:
            return self._tell(SPENT, now, "limited", "The budget is spent", "What costs waits")
        warn_at = self._budget.warn_at
        if any(
            spent * 100 >= one.limit * warn_at for spent, one in zip(self._spent, self._periods, strict=True)
        ):
            return self._tell(
                WARNED, now, "running", f"{warn_at} % of the budget is spent", "What costs will wait"
            )
        return None

    def _tell(self, code: str, now: int, state: str, what: str, then: str) -> ConnectionState:
        at = self._noted_at.setdefault(code, now)
        sums = ", ".join(
            f"{spent:,} of {one.limit:,} data points this {one.name}"
            for spent, one in zip(self._spent, self._periods, strict=True)
        )
        reason = f"{what}: {sums}. {then} once it is spent." if code == WARNED else f"{what}: {sums}."
        hint = f"{then}, until the next day or month of the budget begins, or you raise it; the rest goes on."
        return ConnectionState(self._connection_id, state, code, reason, hint, at)

    def _left(self) -> list[int]:
        return [one.limit - spent for spent, one in zip(self._spent, self._periods, strict=True)]

    def _room(self) -> int:
        return min(self._left(), default=NO_ROOM) - sum(self._under_way.values())
