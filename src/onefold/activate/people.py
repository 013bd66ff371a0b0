"""Test mode: a goal that names people sends only those.

In: a goal's `test_people`, as `kind:value`. Out: whether a person is one of them.
"""

from collections.abc import Sequence

from onefold.activate.person import Person
from onefold.model.identifier import Identifier, parse_key
from onefold.model.json import JsonValue


def read_people(named: JsonValue) -> tuple[Identifier, ...]:
    """The people that a setting names; anything but a list of texts names nobody."""
    if not isinstance(named, list | tuple):
        return ()
    return tuple(parse_key(one) for one in named if isinstance(one, str))


def is_named(person: Person, named: Sequence[Identifier]) -> bool:
    """Whether the person is among those named; of nobody named, everyone is."""
    if not named:
        return True
    for one in named:
        values = person.identifiers.get(one.kind, {})
        # Addresses are stored in lower case, however they were typed here.
        if one.value in values or one.value.strip().lower() in values:
            return True
    return False
