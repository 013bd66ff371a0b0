"""How Braze knows a person: by external_id (our user_id), else by an alias (our anonymous_id).

An alias is created by an attributes object with `_update_existing_only: false`, the only way that the
documentation promises. Once its person is known, `/users/identify` joins it to the external_id. Braze keeps
one name a label and user, so a second alias of a person who already has one stays apart.
"""

from collections.abc import Mapping

import msgspec

from onefold.connectors.braze.limits import ALIAS_BYTES_MAX, EXTERNAL_ID_BYTES_MAX
from onefold.model.identifier import ANONYMOUS_ID, USER_ID
from onefold.model.outcome import Outcome, filtered
from onefold.plugin import Address, Draft, Refusal
from onefold.plugin.contract import Identifiers

CREATED = 1
"""The alias exists in Braze, by itself."""
IDENTIFIED = 2
"""The alias belongs to the person's external_id."""
MERGED = 3
"""The alias was merged into the user by whom the person is reached."""
_REACHED = frozenset({CREATED, IDENTIFIED})
_ANONYMOUS = filtered("activate.anonymous")
_NO_KEY = filtered("activate.no_match_key")
_EXTERNAL_ID_TOO_LONG = Refusal(
    "activate.braze.external_id",
    "user_id",
    f"The user id is longer than {EXTERNAL_ID_BYTES_MAX} bytes.",
    "Shorten it at its source.",
)
_ALIAS_TOO_LONG = Refusal(
    "activate.braze.alias",
    "anonymous_id",
    f"The anonymous id is longer than {ALIAS_BYTES_MAX} bytes.",
    "Shorten it at its source.",
)


def find_address(
    identifiers: Identifiers, known: Mapping[str, int], *, label: str, as_alias: bool
) -> Address | Outcome | Refusal:
    """Where to send what concerns this person, and what must go before."""
    for user_id in identifiers.get(USER_ID, ()):
        if len(user_id) * 4 > EXTERNAL_ID_BYTES_MAX and len(user_id.encode()) > EXTERNAL_ID_BYTES_MAX:
            return _EXTERNAL_ID_TOO_LONG
        fragment = b'"external_id":' + msgspec.json.encode(user_id)
        return Address("e:" + user_id, fragment, _identify(fragment, known, label) if known else ())
    if not as_alias:
        return _ANONYMOUS
    return _find_alias(identifiers, known, label)


def _find_alias(
    identifiers: Identifiers, known: Mapping[str, int], label: str
) -> Address | Outcome | Refusal:
    anonymous_ids = identifiers.get(ANONYMOUS_ID)
    if not anonymous_ids:
        return _NO_KEY
    name = next((one for one, mark in known.items() if mark in _REACHED and one in anonymous_ids), "")
    # The oldest is the most stable choice: later devices come and go.
    name = name or min(anonymous_ids, key=lambda one: (anonymous_ids[one].first, one))
    if len(name.encode()) > ALIAS_BYTES_MAX:
        return _ALIAS_TOO_LONG
    fragment = alias_fragment(name, label)
    if known.get(name) in _REACHED:
        return Address("a:" + name, fragment)
    body = b"{" + fragment + b',"_update_existing_only":false}'
    return Address("a:" + name, fragment, (Draft("track", "attributes", body, {name: CREATED}),))


def _identify(fragment: bytes, known: Mapping[str, int], label: str) -> tuple[Draft, ...]:
    """Join the alias that stands alone, unless the label is taken: Braze would ignore it."""
    if IDENTIFIED in known.values():
        return ()
    for name, mark in known.items():
        if mark == CREATED:
            body = b"{" + fragment + b"," + alias_fragment(name, label) + b"}"
            return (Draft("identify", "aliases_to_identify", body, {name: IDENTIFIED}),)
    return ()


def alias_fragment(name: str, label: str) -> bytes:
    """The JSON that names a user by an alias."""
    return b'"user_alias":' + msgspec.json.encode({"alias_name": name, "alias_label": label})
