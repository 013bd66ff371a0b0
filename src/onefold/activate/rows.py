"""A goal's mapping rows, made ready: which field each fills, and what becomes of it afterwards.

In: a goal, its settings, the fields that other goals write too. Out: values by field. Pure.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import UNSET

from onefold.activate.contest import Contest
from onefold.activate.ledger import NOT_FIELDS
from onefold.activate.map import compile_mappings, needs_names
from onefold.activate.person import Person
from onefold.model.goal import Goal
from onefold.model.json import JsonValue
from onefold.model.mapping import Mapping as Row
from onefold.plugin.contract import ProfileWriter, Refusal


class Rows:
    """The rows of one version of a goal."""

    def __init__(self, goal: Goal, settings: Mapping[str, JsonValue], contest: Contest) -> None:
        self.goal = goal
        self.contest = contest
        self.contested = contest.fields_of(goal)
        self.targets = [(mapping.field, mapping.type) for mapping in goal.mappings]
        self.needs_names = needs_names(goal.mappings)
        self.read = compile_mappings(goal.mappings)
        self._removes = settings.get("leaving") == "null"
        self._removes_gone = settings.get("removed") == "null"
        self._fields = {field for field, _ in self.targets}

    @property
    def minds_leaving(self) -> bool:
        """Whether people who are no members have to be looked at."""
        return (
            self._removes or self._removes_gone or any(row.leaving is not UNSET for row in self.goal.mappings)
        )

    def after_leaving(self, held: Iterable[str], writer: ProfileWriter) -> dict[str, JsonValue]:
        """What the fields that were sent become once the person has left the segment."""
        sent = set(held)
        values: dict[str, JsonValue] = {}
        for row in self.goal.mappings:
            if row.field not in sent:
                continue
            found = self._leave(row, writer)
            if found is not UNSET:
                values[row.field] = found
        return values | self.after_removal(held, writer)

    def after_removal(self, held: Iterable[str], writer: ProfileWriter) -> dict[str, JsonValue]:
        """Fields that no row fills any more: removed if the goal says so, and nobody else writes them."""
        if not self._removes_gone:
            return {}
        return {
            field: None
            for field in held
            if field not in self._fields
            and field not in NOT_FIELDS
            and writer.can_remove(field)
            and not self.contest.is_written_by_another(self.goal, field)
        }

    def is_mine(self, field: str, person: Person) -> bool:
        """Whether this goal has the say about a field of a person."""
        return field not in self.contested or self.contest.is_for(self.goal, field, person)

    def _leave(self, row: Row, writer: ProfileWriter) -> JsonValue:
        if row.leaving is UNSET:
            return None if self._removes and writer.can_remove(row.field) else UNSET
        if row.leaving is None:
            return None if writer.can_remove(row.field) else UNSET
        found = writer.normalise(row.field, row.leaving, row.type)
        return UNSET if isinstance(found, Refusal) else found


class Parted(NamedTuple):
    """Values of a goal's own ledger, and of the one that it shares with others."""

    own: Mapping[str, JsonValue]
    shared: Mapping[str, JsonValue]


def part(values: Mapping[str, JsonValue], contested: frozenset[str]) -> Parted:
    """Which ledger each value belongs to."""
    if not contested:
        return Parted(values, {})
    return Parted(
        {field: value for field, value in values.items() if field not in contested},
        {field: value for field, value in values.items() if field in contested},
    )
