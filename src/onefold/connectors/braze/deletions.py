"""Erased people for POST /users/delete: one array a request, so a channel a kind of identifier.

Asked for are the external ids (of someone whose id changed each of them), braze_ids where a person had
one, and aliases that stand alone. Addresses and phone numbers are not used: several people of Braze may have
one. Who may stand there under nothing else is a dead letter, so that somebody looks.
"""

from collections.abc import Mapping, Sequence

import msgspec

from onefold.connectors.braze.address import CREATED, read_alias
from onefold.connectors.braze.limits import ALIAS_BYTES_MAX, EXTERNAL_ID_BYTES_MAX
from onefold.connectors.braze.renames import reached_ids
from onefold.model.identifier import USER_ID
from onefold.plugin import Draft, Refusal

BRAZE_ID = "braze_id"
BY_EXTERNAL_ID, BY_ALIAS, BY_BRAZE_ID = "delete", "delete_aliases", "delete_braze_ids"
"""Channels of /users/delete."""
DELETE_PARTS = {BY_EXTERNAL_ID: "external_ids", BY_ALIAS: "user_aliases", BY_BRAZE_ID: "braze_ids"}


_BY_ADDRESS = Refusal(
    "activate.braze.by_address",
    "identifiers",
    "Braze may hold the person under an e-mail address or phone number alone, which others may have, too.",
    "Look the address up in Braze and delete the profile there, if it is the person's.",
)


class DeletionsWriter:
    """For one goal `deletions`."""

    def __init__(self, label: str) -> None:
        self._label = label

    def write(
        self, identifiers: Mapping[str, Sequence[str]], known: Mapping[str, int]
    ) -> Sequence[Draft | Refusal]:
        """By all that Braze may know the person by; an id too long for Braze was never there."""
        ids = [*identifiers.get(USER_ID, ()), *reached_ids(known)]
        found: list[Draft | Refusal] = [
            _draft(BY_EXTERNAL_ID, one)
            for one in dict.fromkeys(ids)
            if len(one.encode()) <= EXTERNAL_ID_BYTES_MAX
        ]
        found += [_draft(BY_BRAZE_ID, braze_id) for braze_id in identifiers.get(BRAZE_ID, ())]
        for mark, state in known.items():
            if state == CREATED:
                found += self._of_mark(mark)
        return found

    def _of_mark(self, mark: str) -> Sequence[Draft | Refusal]:
        """What stands alone in Braze: an alias, or what was found or made by an address."""
        alias = read_alias(mark, self._label)
        if alias is None:
            return (_BY_ADDRESS,)
        name, label = alias
        if len(name.encode()) > ALIAS_BYTES_MAX:
            return ()
        return (_draft(BY_ALIAS, {"alias_name": name, "alias_label": label}),)


def _draft(channel: str, whom: str | dict[str, str]) -> Draft:
    return Draft(channel, DELETE_PARTS[channel], msgspec.json.encode(whom))
