"""Goals of one connection that write the same field: for each person, one of them does.

In: the goals of a connection. Out: which fields are contested, and whose each is for a person: that of the
first goal, in their order, that is on and has the person in its segment. What the destination holds of these
fields is kept in one ledger for all of them, so that a goal that takes over sends only what differs.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from onefold.activate.ledger import hash_value
from onefold.activate.people import is_named, read_people
from onefold.activate.person import Person
from onefold.model.goal import EVERYONE, Goal
from onefold.model.identifier import Identifier

_SHARED = 1 << 40
"""Above every goal's id: ledgers of contested fields are told from those of goals."""


def shared_ledger(connection_id: int) -> int:
    """The ledger of the fields that several goals of a connection write."""
    return _SHARED + connection_id


class _Rival(NamedTuple):
    """A goal that is on, and whom it sends."""

    goal_id: int
    segment_id: int
    named: tuple[Identifier, ...]

    def wants(self, person: Person) -> bool:
        is_member = self.segment_id == EVERYONE or person.is_member(self.segment_id)
        return is_member and is_named(person, self.named)


class Contest:
    """The fields that more than one goal maps, on or off: an off one may come back."""

    def __init__(self, goals: Iterable[Goal] = ()) -> None:
        ordered = sorted(goals, key=lambda goal: (goal.position, goal.id))
        counts = Counter(mapping.field for goal in ordered for mapping in goal.mappings)
        self.fields = frozenset(field for field, count in counts.items() if count > 1)
        self._rivals: dict[str, list[_Rival]] = {field: [] for field in self.fields}
        for goal in ordered:
            rival = _Rival(goal.id, goal.segment_id, read_people(goal.settings.get("test_people")))
            for mapping in goal.mappings:
                if goal.enabled and mapping.field in self.fields:
                    self._rivals[mapping.field].append(rival)
        self._written = {
            goal.id: frozenset(mapping.field for mapping in goal.mappings) for goal in ordered if goal.enabled
        }

    def fields_of(self, goal: Goal) -> frozenset[str]:
        """Those of a goal's fields that others write too."""
        return self.fields.intersection(mapping.field for mapping in goal.mappings)

    def is_written_by_another(self, goal: Goal, field: str) -> bool:
        """Whether another goal that is on maps the field."""
        return any(field in fields for goal_id, fields in self._written.items() if goal_id != goal.id)

    def is_for(self, goal: Goal, field: str, person: Person) -> bool:
        """Whether this goal has the say about a contested field of a person.

        Where no goal has the person, it is the first: what leaving means, it decides.
        """
        rivals = self._rivals[field]
        for rival in rivals:
            if rival.wants(person):
                return rival.goal_id == goal.id
        return bool(rivals) and rivals[0].goal_id == goal.id

    def mark_of(self, goal: Goal) -> int:
        """Changes when anything does that decides about the goal's contested fields; 0 without any."""
        fields = sorted(self.fields_of(goal))
        return hash_value([fields, [self._rivals[field] for field in fields]]) if fields else 0
