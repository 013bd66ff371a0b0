"""Which identifiers an event carries, strongest first, normalised and without blocked values.

In: an event's envelope. Out: its identifiers and, of an identify, its traits. Read are userId,
anonymousId, an alias' previousId (an anonymous_id, unless it turns out to be a user_id of before), of an
identify email, phone and configured traits (in `traits` and in `context.traits`, where Rudder's clients
put them), and `context.externalIds`. Of other events the traits count as identifiers only where nothing
else says whose they are: capture takes those, too.
"""

from collections.abc import Mapping
from contextlib import suppress
from itertools import islice

import msgspec

from onefold.model.event import Event
from onefold.model.identifier import ANONYMOUS_ID, EMAIL, PHONE, USER_ID
from onefold.model.json import JsonObject, JsonValue
from onefold.unify.normalise import Normaliser, kind_of

EVENT_IDENTIFIERS_MAX = 20
"""Identifiers used of one event: more is no person but a list; the strongest stay."""

KNOWN_MAX = 100_000
"""Identifiers remembered as they were sent: about 25 MB; when there are more, the older half is forgotten."""

_STRENGTH = {USER_ID: 0, EMAIL: 1, PHONE: 2, ANONYMOUS_ID: 4}
_OTHERS = 3


class EventIdentifier(msgspec.Struct, frozen=True, gc=False):
    """One identifier of an event; `key` is what the store knows it by."""

    key: str
    kind: str
    value: str


class _Context(msgspec.Struct, rename={"external_ids": "externalIds"}, gc=False):
    external_ids: msgspec.Raw = msgspec.Raw(b"")
    traits: msgspec.Raw = msgspec.Raw(b"")


# `null` stands for nothing, as clients send it.
_context = msgspec.json.Decoder(_Context | None)
_object = msgspec.json.Decoder(dict[str, object] | None)


class Identifiers:
    """Reads identifiers by the rules of one workspace."""

    __slots__ = ("_known", "_normaliser", "_traits")

    def __init__(self, normaliser: Normaliser, trait_identifiers: Mapping[str, str]) -> None:
        self._normaliser = normaliser
        self._traits = {"email": EMAIL, "phone": PHONE, **trait_identifiers}
        self._known: dict[tuple[str, str], EventIdentifier] = {}
        """As sent -> normalised: most events come from somebody who sent one just before."""

    def of(self, event: Event) -> tuple[JsonObject | None, list[EventIdentifier], int]:
        """The traits (identify only), the identifiers strongest first, and how many were blocked.

        Raises:
            msgspec.DecodeError, RecursionError: traits or context are no JSON objects.
        """
        given: list[tuple[str, JsonValue]] = []
        if event.user_id is not None:
            given.append((USER_ID, event.user_id))
        if event.anonymous_id is not None:
            given.append((ANONYMOUS_ID, event.anonymous_id))
        plain = len(given)
        context = _context.decode(event.context) if event.context else None
        traits: JsonObject | None = None
        if event.type == "identify":
            traits = _traits(event, context)
            given += self._named_in(traits)
        elif event.type == "alias" and event.previous_id is not None:
            given.append((ANONYMOUS_ID, event.previous_id))
        if context is not None and context.external_ids:
            given += _external(msgspec.json.decode(context.external_ids))
        identifiers, blocked = self._normalised(given)
        if len(given) == plain and identifiers:
            return traits, identifiers, blocked  # those of the envelope differ, and stand in order already
        if event.type == "alias":
            identifiers += _former_user(identifiers)
        if not identifiers and traits is None:
            identifiers, more = self._normalised(self._named_in(_traits(event, context)))
            blocked += more
        different = list({identifier.key: identifier for identifier in identifiers}.values())
        different.sort(key=_order)
        return traits, different[:EVENT_IDENTIFIERS_MAX], blocked

    def _named_in(self, traits: JsonObject) -> list[tuple[str, JsonValue]]:
        return [(kind, traits[name]) for name, kind in self._traits.items() if name in traits]

    def _normalised(self, given: list[tuple[str, JsonValue]]) -> tuple[list[EventIdentifier], int]:
        found: list[EventIdentifier] = []
        blocked = 0
        normalise = self._normaliser.value
        known = self._known
        for kind, sent in given:
            if sent is None or sent == "":
                continue
            sort = type(sent)
            identifier = known.get((kind, sent)) if sort is str else None
            if identifier is not None:
                found.append(identifier)
                continue
            value = normalise(kind, sent) if sort is str or sort is int or sort is float else ""
            if not value:
                blocked += 1
                continue
            identifier = EventIdentifier(f"{kind}:{value}", kind, value)
            found.append(identifier)
            if sort is str:
                if len(known) >= KNOWN_MAX:
                    for key in list(islice(known, KNOWN_MAX // 2)):
                        del known[key]
                known[kind, sent] = identifier
        return found, blocked


def _order(identifier: EventIdentifier) -> tuple[int, str]:
    # Of one kind the order of the event stays: sorting is stable.
    kind = identifier.kind
    strength = _STRENGTH.get(kind, _OTHERS)
    return strength, kind if strength == _OTHERS else ""


def _former_user(identifiers: list[EventIdentifier]) -> list[EventIdentifier]:
    """Clients name a user_id of before as previousId, too: the graph looks whether it knows one."""
    if not identifiers or identifiers[0].kind != USER_ID:
        return []
    user = identifiers[0].value
    previous = [one.value for one in identifiers if one.kind == ANONYMOUS_ID and one.value != user]
    return [EventIdentifier(f"{USER_ID}:{value}", USER_ID, value) for value in previous]


def _traits(event: Event, context: _Context | None) -> JsonObject:
    inner: JsonObject = {}
    if context is not None and context.traits:
        # Of another shape, as in `externalIds`, they are skipped: the event says more than that.
        with suppress(msgspec.ValidationError):
            inner = _object.decode(context.traits) or {}
    # The traits of a group are not a person's.
    own = (_object.decode(event.traits) or {}) if event.traits and event.type != "group" else {}
    return {**inner, **own} if own else inner


def _external(items: JsonValue) -> list[tuple[str, JsonValue]]:
    """`[{"id": …, "type": …}]`; whatever has another shape is skipped."""
    if not isinstance(items, list):
        return []
    found = []
    for item in items[:EVENT_IDENTIFIERS_MAX]:
        kind = kind_of(item.get("type")) if isinstance(item, dict) else ""
        if kind:
            found.append((kind, item.get("id")))
    return found
