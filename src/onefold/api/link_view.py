"""How the evidence of identity is shown."""

from collections.abc import Mapping

import msgspec

from onefold.backends.embedded.people import LinkRow
from onefold.clock import to_iso
from onefold.model.access import Personal
from onefold.model.identifier import parse_key


class NamedIdentifier(msgspec.Struct, frozen=True):
    """An identifier alone."""

    kind: str
    value: Personal[str]


class LinkView(msgspec.Struct, frozen=True):
    """One piece of evidence of identity."""

    id: int
    at: str
    first: NamedIdentifier
    second: NamedIdentifier
    rule: str
    decision: str
    reason: Personal[str]
    profile_id: int
    other_profile_id: int | None
    offset: int
    position: int
    source_id: int | None
    """Of the event that gave it; null once the log holds that no more."""


def link_view(link: LinkRow, source_ids: Mapping[int, int]) -> LinkView:
    """Evidence as callers see it; `source_ids` by offset of the log."""
    first, second = parse_key(link.first), parse_key(link.second)
    return LinkView(
        link.id,
        to_iso(link.at),
        NamedIdentifier(first.kind, first.value),
        NamedIdentifier(second.kind, second.value),
        link.rule,
        link.decision,
        link.reason,
        link.profile_id,
        link.other_profile_id or None,
        link.offset,
        link.position,
        source_ids.get(link.offset),
    )
