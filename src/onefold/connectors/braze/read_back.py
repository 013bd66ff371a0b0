"""What Braze holds of people, read back by POST /users/export/ids: for comparisons with the ledger.

In: addresses. Out: what Braze holds in the mapped fields of each. External ids and aliases go 50 a request;
an e-mail, a phone and a `braze_id` each need one of their own. Asked for the mapped fields alone, Braze
allows 40 requests a second (250 a minute under some contracts, which its answers say). What was accepted is
seen within seconds, always after 30. Source: Braze's documentation of the endpoint and recorded traffic
(July 2026).
"""

import re
import time
from collections.abc import Mapping, Sequence

import msgspec

from onefold.clock import from_iso
from onefold.connectors.braze.address import read_alias
from onefold.connectors.braze.attributes import AttributesWriter
from onefold.connectors.braze.goal_kinds import EXPORT
from onefold.connectors.braze.limits import PAUSE_S_MAX
from onefold.connectors.braze.users_export import IDS_MAX, Exported, export_users, no_users
from onefold.model.goal import Goal
from onefold.model.json import JsonObject, JsonValue
from onefold.model.mapping import ValueType
from onefold.model.outcome import filtered
from onefold.plugin import Address, RateLimit, Refusal, There
from onefold.plugin.http import HttpClient

LAG_S = 30.0
REQUESTS_PER_S = 40
CUSTOM = "custom_attributes"
NOT_TOLD = frozenset({"image_url", "current_location", "date_of_first_session", "date_of_last_session"})
"""Standard fields that no export holds, or (the location) in an order that cannot be relied upon."""
STANDARD = frozenset(target.name for target in EXPORT.targets)
STATES = frozenset({"email_subscribe", "push_subscribe"})
DEFAULT_STATE = "subscribed"
"""What Braze holds of everyone of whom nothing was ever said."""
SINGLE = {"b": "braze_id", "m": "email_address", "p": "phone"}
"""Kinds of addresses that are asked for one a request, by the beginning of the address."""
AMBIGUOUS = filtered("activate.braze.ambiguous")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?) ?(?:Z|UTC|\+00:00)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class UsersReader:
    """Reads back users for one goal."""

    def __init__(self, http: HttpClient, writer: AttributesWriter, goal: Goal, label: str) -> None:
        self._http = http
        self._writer = writer
        self._label = label
        self._merges = goal.settings.get("merge_objects") is True
        self._ready_at = 0.0
        fields = {mapping.field for mapping in goal.mappings}
        wanted = {"external_id", "user_aliases", *(STANDARD & fields - NOT_TOLD)}
        self._fields = sorted(wanted | ({CUSTOM} if fields - STANDARD else set()))

    @property
    def people_max(self) -> int:
        """Of external ids and aliases together."""
        return IDS_MAX

    @property
    def lag_s(self) -> float:
        """Half a minute."""
        return LAG_S

    @property
    def limits(self) -> tuple[RateLimit, ...]:
        """As Braze documents it for requests that leave out what was received."""
        return (RateLimit(REQUESTS_PER_S, 1.0),)

    def can_read(self, field: str) -> bool:
        """All but some standard fields."""
        return field not in NOT_TOLD

    def reads_alone(self, address: Address) -> bool:
        """All but external ids and aliases."""
        return address.key[:1] in SINGLE

    def wait_s(self) -> float:
        """Until the limit that Braze named as used up opens again."""
        return max(0.0, self._ready_at - time.monotonic())

    async def read(self, addresses: Sequence[Address]) -> list[There]:
        """What Braze holds of each; see the contract."""
        if not addresses:
            return []
        asked = [_ask(address, self._label) for address in addresses]
        told = await self._export(asked)
        if told.users is None:
            if len(addresses) == 1:
                raise no_users()
            # Too long to be read at once, most likely.
            middle = len(addresses) // 2
            return [*await self.read(addresses[:middle]), *await self.read(addresses[middle:])]
        users = told.users
        if len(asked) == 1:
            return [_only(users, asked[0])]
        mine = [next((user for user in users if one.is_of(user)), None) for one in asked]
        # A deprecated external id leads to a user who has another one by now: whose is told by asking alone.
        has_others = any(user not in mine for user in users)
        found: list[There] = []
        for address, one, user in zip(addresses, asked, mine, strict=True):
            if user is None and has_others and one.may_be_deprecated and one.value not in told.unknown:
                found += await self.read([address])
            else:
                found.append(None if user is None else flat(user))
        return found

    def fit(self, field: str, theirs: JsonValue, ours: JsonValue, as_type: ValueType) -> JsonValue:
        """Their value as the goal would have it."""
        if theirs is None or (theirs == DEFAULT_STATE and ours is None and field in STATES):
            # An export leaves out what is empty.
            return ours if ours == "" else None
        if field == "phone" and _is_same_phone(theirs, ours):
            return ours
        found = self._writer.normalise(field, theirs, as_type)
        if isinstance(found, Refusal):
            found = theirs
        if self._merges and isinstance(found, dict) and isinstance(ours, dict):
            return ours if _holds(found, ours) else found
        return ours if is_same(found, ours) or is_same(theirs, ours) else found

    async def _export(self, asked: Sequence["_Asked"]) -> Exported:
        """The answer of one request."""
        whom: JsonObject = {}
        for one in asked:
            if one.array:
                whom.setdefault(one.array, []).append(one.value)
            else:
                whom[one.name] = one.value
        told = await export_users(self._http, whom, self._fields)
        if told.rate.wait_s:
            self._ready_at = time.monotonic() + min(told.rate.wait_s, PAUSE_S_MAX)
        return told


class _Asked(msgspec.Struct, frozen=True):
    """One person in a request, and how to tell that an answer is about them."""

    value: JsonValue
    array: str = ""
    name: str = ""

    def is_of(self, user: Mapping[str, JsonValue]) -> bool:
        """Whether an exported user has this external id or alias."""
        if self.array == "external_ids":
            return bool(user.get("external_id") == self.value)
        return self.value in (user.get("user_aliases") or ())

    @property
    def may_be_deprecated(self) -> bool:
        """Whether it may lead to a user under another name."""
        return self.array == "external_ids"


def _ask(address: Address, label: str) -> _Asked:
    kind, _, name = address.key.partition(":")
    if kind in SINGLE:
        return _Asked(name, name=SINGLE[kind])
    alias = read_alias(name, label) if kind == "a" else None
    if alias is None:
        return _Asked(name, array="external_ids")
    return _Asked({"alias_name": alias[0], "alias_label": alias[1]}, array="user_aliases")


def _only(users: Sequence[JsonObject], asked: _Asked) -> There:
    """Whom one address leads to: known people go before others, as they do when Braze is sent something."""
    if asked.name in ("email_address", "phone"):
        known = [user for user in users if user.get("external_id")]
        users = known or users
        if len(users) > 1:
            # The most recently updated of them: no export says which one that is.
            return AMBIGUOUS
    return flat(users[0]) if users else None


def flat(user: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """An exported user by field: standard fields, and custom attributes under their own names."""
    found = {name: value for name, value in user.items() if name in STANDARD and value is not None}
    custom = user.get(CUSTOM)
    for name, value in custom.items() if isinstance(custom, dict) else ():
        if name not in STANDARD and value is not None:
            found[name] = value
    return found


def is_same(theirs: JsonValue, ours: JsonValue) -> bool:
    """Whether two values are one for Braze: it writes 5 as 5.0, and keeps times to the millisecond."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return theirs.keys() == ours.keys() and all(is_same(theirs[key], ours[key]) for key in ours)
    if isinstance(theirs, list) and isinstance(ours, list):
        return len(theirs) == len(ours) and all(map(is_same, theirs, ours))
    if isinstance(theirs, bool) or isinstance(ours, bool):
        return theirs is ours
    return bool(theirs == ours) or _is_same_time(theirs, ours)


def _is_same_time(theirs: JsonValue, ours: JsonValue) -> bool:
    """A text that looks like a time becomes one in Braze."""
    if not isinstance(theirs, str) or not isinstance(ours, str):
        return False
    there = _TIME.fullmatch(theirs)
    if there is None or not (_DAY.match(ours)):
        return False
    try:
        here = from_iso(ours if len(ours) > 10 else f"{ours}T00:00:00Z")
        return here // 1000 == from_iso(f"{there[1]}T{there[2]}Z") // 1000
    except ValueError:
        return False


def _holds(theirs: JsonValue, ours: JsonValue) -> bool:
    """Whether an object that was laid over another one is all there."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return all(key in theirs and _holds(theirs[key], value) for key, value in ours.items())
    return is_same(theirs, ours)


def _is_same_phone(theirs: JsonValue, ours: JsonValue) -> bool:
    """Braze puts the country before a number that has none."""
    if not isinstance(theirs, str) or not isinstance(ours, str) or ours.startswith("+"):
        return False
    national = re.sub(r"\D", "", ours).lstrip("0")
    return bool(national) and re.sub(r"\D", "", theirs).endswith(national)
