"""Aliases that stay users of their own in Braze, beside the one by which a person is reached.

Braze keeps one name a label and user, so a second device's alias cannot be identified, and two devices that
turn out to be of one person are two users. /users/merge joins them, for good: who is kept wins field by
field. An alias that left the person meanwhile is not asked for.
"""

from collections.abc import Mapping

import msgspec

from onefold.connectors.braze.address import ALIAS, CREATED, MERGED, Match, alias_fragment, alias_mark
from onefold.model.identifier import ANONYMOUS_ID
from onefold.model.match import MatchKey
from onefold.plugin import Address, Draft
from onefold.plugin.contract import Apart, Identifiers

MERGE = "merge"
MERGE_PARTS = ("merge_updates",)


def with_apart(
    address: Address, identifiers: Identifiers, known: Mapping[str, int], match: Match, *, hold_s: int
) -> Address:
    """The address, with what shall be merged into it; by e-mail, telephone or braze_id nothing is."""
    kind, _, name = address.key.partition(":")
    aliases = _aliases(identifiers, match)
    if match.update_only or kind not in ("e", "a") or (kind == "a" and name not in aliases):
        return address
    keep = address.fragment if kind == "e" else aliases[name]
    joined = {one for draft in address.before for one in draft.known or ()}
    apart = tuple(
        Apart(one, _merge(fragment, keep, one), hold_s)
        for one, fragment in aliases.items()
        if known.get(one) == CREATED and one not in joined and address.key != "a:" + one
    )
    return msgspec.structs.replace(address, apart=apart) if apart else address


def _aliases(identifiers: Identifiers, match: Match) -> dict[str, bytes]:
    """Every alias that the person may have, by what is remembered of it; also of a goal that wants none."""
    keys = [*(key for key in match.keys if key.key == ALIAS), MatchKey(ALIAS, ANONYMOUS_ID)]
    return {
        alias_mark(name, key.label or match.label, match): alias_fragment(name, key.label or match.label)
        for key in keys
        for name in identifiers.get(key.identifier, ())
    }


def _merge(gone: bytes, keep: bytes, mark: str) -> Draft:
    body = b'{"identifier_to_merge":{%s},"identifier_to_keep":{%s}}' % (gone, keep)
    return Draft(MERGE, *MERGE_PARTS, body, {mark: MERGED})
