"""The shape in which a goal sends an event: its name in Braze, and which properties under which names.

In: the rows of a goal. Out: a function a row, from our properties to those that Braze gets.
"""

from collections.abc import Mapping, Sequence

from onefold.model.event_mapping import ALL_OTHERS, EventMapping, OtherProperties
from onefold.model.json import JsonObject, JsonValue

Renames = Mapping[str, str | None]


class Shape:
    """One row, made ready."""

    def __init__(self, row: EventMapping) -> None:
        self.name = row.name
        """In Braze; empty: as ours."""
        self._rules = row.properties
        self._keeps = row.others is OtherProperties.KEEP
        self._inner: dict[str, dict[str, str | None]] = {}
        for ours, theirs in row.properties.items():
            within, _, name = ours.rpartition(".")
            if within:
                self._inner.setdefault(within, {})[name] = theirs

    def apply(self, properties: JsonObject) -> JsonObject:
        """The properties that go; named ones first, for Braze keeps the first ones of too many."""
        rules = self._rules
        if self._keeps and not rules:
            return properties
        shaped = {
            theirs: self._within(ours, properties[ours])
            for ours, theirs in rules.items()
            if theirs and ours in properties
        }
        for name, value in properties.items():
            if name not in rules and (self._keeps or name in self._inner):
                shaped.setdefault(name, self._within(name, value))
        return shaped

    def _within(self, name: str, value: JsonValue) -> JsonValue:
        names = self._inner.get(name)
        return _rename(value, names) if names else value


def shapes_of(rows: Sequence[EventMapping]) -> tuple[Mapping[str, Shape], Shape]:
    """The shape of each event that has a row, and that of all others."""
    shapes = {row.event: Shape(row) for row in rows}
    return shapes, shapes.pop(ALL_OTHERS, Shape(EventMapping(ALL_OTHERS)))


def _rename(value: JsonValue, names: Renames) -> JsonValue:
    """An object, or each object of a list, with other names; the names that are not given stay."""
    if isinstance(value, list):
        return [_rename(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    renamed = {theirs: value[ours] for ours, theirs in names.items() if theirs and ours in value}
    rest = {name: item for name, item in value.items() if name not in names}
    return {**rest, **renamed}
