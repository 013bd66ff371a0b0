"""Consent: what a person allowed or refused for one purpose, such as e-mail or profiling, with its evidence.

A purpose is a name of the workspace's own; upper and lower case count. Of two statements about one purpose
the later one stands, by when it was made, then by its event: so they may come in any order, any number of
times.
"""

from enum import StrEnum

import msgspec

from onefold.model.json import JsonValue

PURPOSE_CHARS_MAX = 100
"""A longer name of a purpose is a text."""
PURPOSES_MAX = 100
"""Purposes of one statement: an organisation has a dozen."""
EVIDENCE_CHARS_MAX = 500
"""Of a method or a text: evidence says where to look, it is no archive. Longer ones are cut."""


class ConsentState(StrEnum):
    """What a person said about a purpose. Whoever never said anything has it unset."""

    CONSENTED = "consented"
    REFUSED = "refused"
    UNSET = "unset"


class Consent(msgspec.Struct, array_like=True, gc=False):
    """One statement: what was said, when, and what shows it. Stored in profiles: add fields at the end."""

    state: ConsentState
    occurred_at: int
    event_hash: int
    source_id: int = 0
    message_id: str = ""
    """The event that said so, which the log holds as long as anything."""
    method: str = ""
    """How it was said: `api`, `import`, or what the sender names, such as `preference centre`."""
    text: str = ""
    """What the person was shown or who says so, as far as the sender tells."""


def later(one: Consent, other: Consent) -> Consent:
    """The one that stands. Of two that only their content tells apart, the same whatever the order."""
    return one if _decides(one) >= _decides(other) else other


def read_state(value: JsonValue) -> ConsentState | None:
    """The state that a sender means: its name, true, false, or null for unset; None for anything else."""
    if value is True:
        return ConsentState.CONSENTED
    if value is False:
        return ConsentState.REFUSED
    if value is None:
        return ConsentState.UNSET
    return _STATES.get(value) if isinstance(value, str) else None


def is_purpose(name: str) -> bool:
    """Whether that can be the name of a purpose."""
    return 1 <= len(name) <= PURPOSE_CHARS_MAX and name.isprintable() and name == name.strip()


_STATES = {state.value: state for state in ConsentState}


def _decides(one: Consent) -> tuple[int, int, str, int, str, str, str]:
    return (
        *(one.occurred_at, one.event_hash, one.state.value, one.source_id),
        *(one.message_id, one.method, one.text),
    )
