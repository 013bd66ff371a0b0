"""Interactions: messages and content that a person saw, such as an e-mail, a card in an app or a banner.

One is known by its channel and its id there. What two events tell of the same one is joined: how often adds,
first and last are the earlier and the later, and what it is called is what the last event called it. So they
may come in any order.
"""

import msgspec


class Interaction(msgspec.Struct, array_like=True, gc=False):
    """What a person saw, and when. Stored in profiles: add fields at the end."""

    name: str
    """As the last event called it; empty if that named none."""
    kind: str
    """What it is, such as `campaign` or `canvas`; empty if the last event told none."""
    count: int
    """Events that tell of it."""
    first: int
    last: int
    event_hash: int
    """Of the last event: of two at one time it decides."""


Interactions = dict[str, dict[str, Interaction]]
"""Channel -> id -> what was seen."""


def join_interactions(one: Interaction, other: Interaction) -> Interaction:
    """What both tell together."""
    last = one if _decides(one) >= _decides(other) else other
    first = min(one.first, other.first)
    return Interaction(last.name, last.kind, one.count + other.count, first, last.last, last.event_hash)


def _decides(one: Interaction) -> tuple[int, int, str, str]:
    return one.last, one.event_hash, one.name, one.kind
