"""What is spent at a destination that bills fields, and what comparing with the ledger saves.

In: items that were accepted; values beside what the destination holds. Out: counters of the cycle's writes,
by field and by goal. Counted is what our reading of the provider's rules says, once an accepted item: what
arrived twice after a lost answer is billed twice there and counted once here.
"""

from collections.abc import Iterable, Mapping

from onefold.activate.ledger import NOT_FIELDS
from onefold.activate.store import Marks, Writes
from onefold.model.delivery import NO_POSITION, Item
from onefold.model.delta import UNKNOWN, Delta
from onefold.model.goal import Goal
from onefold.model.json import JsonValue
from onefold.plugin.declare import GoalKind


def note_spent(writes: Writes, connection_id: int, item: Item) -> None:
    """Count what an accepted item cost: by field, and of events by the part that they go in."""
    if not item.cost:
        return
    spent, goal_id = writes.spent, item.goal_id
    if item.marks is None or item.position != NO_POSITION:
        spent[connection_id, goal_id, item.part] += item.cost
        return
    costs = item.costs or {}
    for field, mark in item.marks.items():
        if mark != UNKNOWN and field not in NOT_FIELDS:
            spent[connection_id, goal_id, field] += costs.get(field, 1)


class Meter:
    """Counts what is not sent because the destination has it. A field that costs more counts as one."""

    __slots__ = ("_unbilled", "is_on")

    def __init__(self, kind: GoalKind) -> None:
        self.is_on = kind.bills_fields
        self._unbilled = NOT_FIELDS | {target.name for target in kind.targets if target.is_free}

    def bills_any(self, fields: Iterable[str]) -> bool:
        """Whether one of these fields is billed."""
        return self.is_on and any(field not in self._unbilled for field in fields)

    def free_of(self, values: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Those that are not billed, where others are."""
        return {field: value for field, value in values.items() if self.is_on and field in self._unbilled}

    def note_same(self, writes: Writes, goal: Goal, held: Marks) -> None:
        """Nothing of a person has changed."""
        if self.is_on:
            unbilled = self._unbilled
            saved = sum(mark > 0 for field, mark in held.items() if field not in unbilled)
            writes.saved[goal.connection_id, goal.id] += saved

    def note_delta(
        self, writes: Writes, goal: Goal, held: Marks, values: Mapping[str, JsonValue], delta: Delta | None
    ) -> None:
        """Something may have changed; what else there is stays at home."""
        if self.is_on:
            sent = delta.fields if delta is not None else {}
            saved = sum(
                held.get(field, UNKNOWN) > 0
                for field, value in values.items()
                if value is not None and field not in sent and field not in self._unbilled
            )
            if saved:
                writes.saved[goal.connection_id, goal.id] += saved
