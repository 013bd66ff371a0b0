"""Reads what an event says about consent.

In: a track named `Consent Updated`, or one of Segment's consent wrapper. Out: a statement a purpose. What
such an event says must not be lost: one that cannot be understood is refused as a whole: a dead letter.

    {"type": "track", "event": "Consent Updated", "properties": {
        "purposes": {"email": "consented", "third parties": "refused"}, "method": "preference centre"}}

Segment's shape is `context.consent.categoryPreferences: {"Advertising": true}` on the events that tell of a
change. It stands on all other events of that wrapper, too, where it repeats what was said before: not read.
"""

import msgspec

from onefold.model.consent import (
    EVIDENCE_CHARS_MAX,
    PURPOSE_CHARS_MAX,
    PURPOSES_MAX,
    Consent,
    ConsentState,
    is_purpose,
    read_state,
)
from onefold.model.event import Event
from onefold.model.json import JsonValue

CONSENT_UPDATED = "Consent Updated"
CONSENT_EVENTS = frozenset(
    {CONSENT_UPDATED, "Segment Consent Preference Updated", "Segment Consent Preference"}
)
OF_WRAPPER = "consent wrapper"
"""The method of a statement in Segment's shape."""
PROPERTIES = "properties.purposes"
CONTEXT = "context.consent.categoryPreferences"
_STATES = ", ".join(ConsentState)


class ConsentError(ValueError):
    """A statement about consent that cannot be understood; its text is safe to show."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class _Preferences(msgspec.Struct, rename={"category_preferences": "categoryPreferences"}, gc=False):
    category_preferences: JsonValue = None


class _Context(msgspec.Struct, gc=False):
    consent: _Preferences | None = None


class _Properties(msgspec.Struct, gc=False):
    purposes: JsonValue = None
    method: JsonValue = None
    text: JsonValue = None


_context = msgspec.json.Decoder(_Context | None)
_properties = msgspec.json.Decoder(_Properties | None)


def read_consents(
    event: Event, event_hash: int, source_id: int, at: int, message_id: str
) -> dict[str, Consent] | None:
    """The statements of an event of one of `CONSENT_EVENTS`; None if it makes none.

    Raises:
        ConsentError: it makes one that cannot be understood.
        msgspec.DecodeError, RecursionError: properties or context are no JSON objects.
    """
    context = _context.decode(event.context) if event.context else None
    properties = _properties.decode(event.properties) if event.properties else None
    found: dict[str, Consent] = {}
    if context is not None and context.consent is not None:
        for purpose, state in _states(context.consent.category_preferences, CONTEXT).items():
            found[purpose] = Consent(state, at, event_hash, source_id, message_id, OF_WRAPPER)
    if properties is not None:
        evidence = (_evidence(properties.method), _evidence(properties.text))
        for purpose, state in _states(properties.purposes, PROPERTIES).items():
            found[purpose] = Consent(state, at, event_hash, source_id, message_id, *evidence)
    return found or None


def _states(given: JsonValue, field: str) -> dict[str, ConsentState]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise ConsentError(field, "It is no object of purposes, each with what was said.")
    if len(given) > PURPOSES_MAX:
        raise ConsentError(field, f"It names more than {PURPOSES_MAX} purposes.")
    found = {}
    for purpose, value in given.items():
        if not is_purpose(purpose):
            raise ConsentError(
                field, f"The name of a purpose has 1 to {PURPOSE_CHARS_MAX} characters, without outer spaces."
            )
        state = read_state(value)
        if state is None:
            raise ConsentError(field, f"What was said of a purpose is none of: {_STATES}, true, false, null.")
        found[purpose] = state
    return found


def _evidence(value: JsonValue) -> str:
    return value[:EVIDENCE_CHARS_MAX] if isinstance(value, str) else ""
