"""Aliases that stay users of their own in Braze, beside the one by which a person is reached.

Braze keeps one name a label and user, so a second device's alias cannot be identified, and two devices that
turn out to be of one person are two users. /users/merge joins them, for good: who is kept wins field by
field. An alias that left the person meanwhile is not asked for.
"""

from collections.abc import Mapping

import msgspec

from onefold.connectors.braze.address import CREATED, MERGED, alias_fragment
from onefold.model.identifier import ANONYMOUS_ID
from onefold.plugin import Address, Draft
from onefold.plugin.contract import Apart, Identifiers

MERGE = "merge"
MERGE_PARTS = ("merge_updates",)


def with_apart(
    address: Address, identifiers: Identifiers, known: Mapping[str, int], *, label: str, hold_s: int
) -> Address:
    """The address, with what shall be merged into it."""
    kind, _, name = address.key.partition(":")
    keep = b'"external_id":' + msgspec.json.encode(name) if kind == "e" else alias_fragment(name, label)
    joined = {one for draft in address.before for one in draft.known or ()}
    devices = identifiers.get(ANONYMOUS_ID, {})
    apart = tuple(
        Apart(one, _merge(alias_fragment(one, label), keep, one), hold_s)
        for one, mark in known.items()
        if mark == CREATED and one in devices and one not in joined and address.key != "a:" + one
    )
    return msgspec.structs.replace(address, apart=apart) if apart else address


def _merge(gone: bytes, keep: bytes, name: str) -> Draft:
    body = b'{"identifier_to_merge":{%s},"identifier_to_keep":{%s}}' % (gone, keep)
    return Draft(MERGE, *MERGE_PARTS, body, {name: MERGED})
