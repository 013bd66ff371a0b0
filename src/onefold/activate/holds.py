"""What a connection holds back until a time: kept in the store, so that it costs no memory and no place.

In: the clock. Out: what is due. The store is asked once, and then only when something is due.
"""

from onefold.activate.store import DeliveryStore
from onefold.model.delivery import Held


class Holds:
    """Of one connection."""

    def __init__(self, connection_id: int, store: DeliveryStore) -> None:
        self._connection_id = connection_id
        self._store = store
        self._next_at: int | None = None
        """When the first is due (0: none is held); None: to be asked."""

    @property
    def has_any(self) -> bool:
        """Whether anything is held."""
        if self._next_at is None:
            self._next_at = self._store.next_held(self._connection_id)
        return self._next_at > 0

    def note(self, due_at: int) -> None:
        """One more is held."""
        if self._next_at is not None and (not self._next_at or due_at < self._next_at):
            self._next_at = due_at

    def take_due(self, now: int, limit: int) -> list[Held]:
        """What is due; it must be released or held again in the writes of this cycle."""
        if self._next_at is None:
            self._next_at = self._store.next_held(self._connection_id)
        if not self._next_at or self._next_at > now:
            return []
        found = self._store.held(self._connection_id, now, limit)
        self._next_at = None
        return found
