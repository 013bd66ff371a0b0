"""Which names occur: traits of profiles, properties of events, kinds of identifiers, purposes, with examples.

In: some profiles, some records of the log. Out: what was seen in them, the most frequent first. A sample
tells nearly all names that matter; a rare one can still be typed. Names, values and lists have limits.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Literal

import msgspec

from onefold.model.access import Personal
from onefold.model.event import decode_events
from onefold.model.json import JsonValue
from onefold.model.profile import Profile
from onefold.model.record import Record, RecordKind

ValueKind = Literal["text", "number", "flag", "list", "object"]

NAMES_MAX = 500
"""Names of one sort that are told; whoever puts data into names must not fill an answer."""
EXAMPLES_MAX = 8
EXAMPLE_CHARS_MAX = 100
"""A longer text is no choice for a list."""
DISTINCT_MAX = 200
"""Different values of one name that are counted."""
DEPTH_MAX = 3
"""Levels of a path, such as `products.category`."""
LIST_MAX = 20
"""Elements of a list that are looked into."""


class NameSeen(msgspec.Struct, frozen=True):
    """A trait, or a property of an event, by its dotted path."""

    name: str
    kinds: list[ValueKind]
    count: int
    """Of the profiles or events that were looked at."""
    examples: Personal[list[str | int | float | bool | None]]
    """Texts, numbers and flags that occur most; of hidden ones, nulls for numbers."""


class Names:
    """Collects the names and values of objects."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._kinds: dict[str, set[ValueKind]] = {}
        self._values: dict[str, Counter[str | int | float | bool]] = {}

    def add(self, values: dict[str, JsonValue]) -> None:
        """Note an object: each path once."""
        seen: set[str] = set()
        for path, value in _leaves(values, "", 1):
            if path not in self._kinds:
                if len(self._kinds) >= NAMES_MAX:
                    continue
                self._kinds[path], self._values[path] = set(), Counter()
            self._kinds[path].add(_kind_of(value))
            if _is_example(value):
                known = self._values[path]
                if value in known or len(known) < DISTINCT_MAX:
                    known[value] += 1
            if path not in seen:
                seen.add(path)
                self._counts[path] += 1

    def found(self) -> list[NameSeen]:
        """What was noted, the most frequent first."""
        return [
            NameSeen(
                name,
                sorted(self._kinds[name]),
                count,
                [value for value, _ in self._values[name].most_common(EXAMPLES_MAX)],
            )
            for name, count in sorted(self._counts.items(), key=lambda one: (-one[1], one[0]))
        ]


def traits_seen(profiles: Iterable[Profile]) -> list[NameSeen]:
    """The traits of these profiles."""
    names = Names()
    for profile in profiles:
        names.add({name: trait.value for name, trait in profile.traits.items() if trait.value is not None})
    return names.found()


def identifiers_seen(profiles: Iterable[Profile]) -> list[str]:
    """Kinds of identifiers of these profiles."""
    counts = Counter(kind for one in profiles for kind, values in one.identifiers.items() if values)
    return [kind for kind, _ in counts.most_common(NAMES_MAX)]


def purposes_seen(profiles: Iterable[Profile]) -> list[str]:
    """Purposes about which these people said something."""
    counts = Counter(purpose for one in profiles for purpose in one.consents)
    return [purpose for purpose, _ in counts.most_common(NAMES_MAX)]


def properties_seen(records: Iterable[Record]) -> dict[str, list[NameSeen]]:
    """Event name -> the properties of such events in these records."""
    by_event: dict[str, Names] = {}
    for record in records:
        if record.kind is RecordKind.EVENTS:
            # Of what cannot be read the worker has made dead letters.
            with suppress(msgspec.MsgspecError, UnicodeError, RecursionError):
                _add_properties(by_event, record)
    return {name: names.found() for name, names in by_event.items()}


def _add_properties(by_event: dict[str, Names], record: Record) -> None:
    for event in decode_events(record):
        name = event.event if event.type == "track" else f"${event.type}"
        if name in by_event or len(by_event) < NAMES_MAX:
            properties = _object(event.properties)
            by_event.setdefault(name, Names()).add(properties)


def _object(raw: msgspec.Raw) -> dict[str, JsonValue]:
    found = msgspec.json.decode(raw) if bytes(raw) else {}
    return found if isinstance(found, dict) else {}


def _leaves(value: JsonValue, path: str, depth: int) -> Iterator[tuple[str, JsonValue]]:
    """Each path with what stands there; a list on the way stands for its elements, as in conditions."""
    if path:
        yield path, value
    inner = value if isinstance(value, list) else [value]
    for one in inner[:LIST_MAX]:
        if isinstance(one, dict) and depth <= DEPTH_MAX:
            for key, held in one.items():
                if held is not None:
                    yield from _leaves(held, f"{path}.{key}" if path else key, depth + 1)


def _kind_of(value: JsonValue) -> ValueKind:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list):
        return "list"
    return "object" if isinstance(value, dict) else "number"


def _is_example(value: JsonValue) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and len(value) <= EXAMPLE_CHARS_MAX)
