"""A dead letter: a rejected item, kept with its reason until it is fixed, replayed, discarded or expired."""

from enum import StrEnum

import msgspec


class LetterState(StrEnum):
    """Where a dead letter stands."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


class Letter(msgspec.Struct, frozen=True):
    """`id` is `stage-number`, unique in the workspace; `payload` is what was refused, as text."""

    id: str
    stage: str
    code: str
    field: str
    reason: str
    hint: str
    at: int
    source_id: int
    subject: str
    """Message id, connection/goal, or file line that it concerns."""
    payload: str
    state: LetterState = LetterState.OPEN
    replayed_as: str = ""
