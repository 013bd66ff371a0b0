"""How Braze knows a person: by the first of the goal's match keys that the person has an identifier for.

Without keys of its own a goal finds people by external_id (our user_id), and if it wants anonymous people by
an alias (our anonymous_id). An alias is created by an attributes object with `_update_existing_only: false`,
the only way that the documentation promises; e-mail and phone find the profile that Braze prefers (known
before unknown, then the most recently updated), and create one where there is none.

Once the person of an alias, e-mail or phone that we created is known, `/users/identify` joins it to the
external_id. Braze keeps one name a label and user, so a second alias of a person who already has one stays
apart. An e-mail or phone is joined only as an unidentified profile, the most recently updated of several:
somebody else's external_id never moves.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from onefold.connectors.braze.goal_kinds import EVENTS, EXPORT
from onefold.connectors.braze.limits import ALIAS_BYTES_MAX, EXTERNAL_ID_BYTES_MAX
from onefold.connectors.braze.renames import Named, Renames, name_person
from onefold.model.goal import Goal
from onefold.model.identifier import ANONYMOUS_ID, USER_ID
from onefold.model.json import JsonValue
from onefold.model.match import MatchKey
from onefold.model.outcome import Outcome, filtered
from onefold.model.profile import Seen, latest
from onefold.plugin import Address, Draft, Field, Refusal
from onefold.plugin.check import setting
from onefold.plugin.contract import Identifiers

EXTERNAL_ID, ALIAS, BRAZE_ID, EMAIL, PHONE = "external_id", "alias", "braze_id", "email", "phone"
CREATED = 1
"""The alias, e-mail or phone exists in Braze, by itself."""
IDENTIFIED = 2
"""It belongs to the person's external_id."""
MERGED = 3
"""The alias was merged into the user by whom the person is reached."""
_REACHED = frozenset({CREATED, IDENTIFIED})
JOINS = {
    EMAIL: ("identify_email", "emails_to_identify"),
    PHONE: ("identify_phone", "phone_numbers_to_identify"),
}
"""Channel and array by which an e-mail or phone is joined; aliases have their own."""
CONTACTS = {EMAIL: "m", PHONE: "p"}
"""How the ledger tells addresses apart; `e` is an external_id."""
PRIORITIES = ["unidentified", "most_recently_updated"]
_UPDATE_ONLY = b',"_update_existing_only":true'
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


class Match(NamedTuple):
    """How one goal finds people: its keys in order, the connection's label, and whether it creates anyone."""

    keys: Sequence[MatchKey]
    label: str
    update_only: bool = False
    missing: Outcome = _NO_KEY
    renames: Renames = Renames.OFF

    @property
    def joins(self) -> bool:
        """Whether what was created under another key may turn out to belong to an external_id."""
        return not self.update_only and any(key.key == EXTERNAL_ID for key in self.keys)

    @property
    def makes_unknown(self) -> bool:
        """Whether it makes people who may turn out to be somebody known."""
        kinds = {key.key for key in self.keys}
        return not self.update_only and (ALIAS in kinds or (self.joins and not kinds.isdisjoint(CONTACTS)))


def match_of_goal(goal: Goal, label: str, renames: Renames = Renames.OFF) -> Match:
    """How a goal finds people; `label` is the connection's."""
    as_alias = setting(_fields_of(goal), goal.settings, "anonymous") == "alias"
    return match_of(goal.match, label, as_alias=as_alias, update_only=updates_only(goal), renames=renames)


def updates_only(goal: Goal) -> bool:
    """Whether it creates nobody."""
    return bool(setting(_fields_of(goal), goal.settings, "create") == "update_only")


def _fields_of(goal: Goal) -> Sequence[Field]:
    return EXPORT.fields if goal.kind == EXPORT.name else EVENTS.fields


def match_of(
    keys: Sequence[MatchKey], label: str, *, as_alias: bool, update_only: bool, renames: Renames = Renames.OFF
) -> Match:
    """The match of a goal's settings."""
    known, missing = MatchKey(EXTERNAL_ID, USER_ID), _NO_KEY
    if not keys and as_alias:
        keys = (known, MatchKey(ALIAS, ANONYMOUS_ID))
    elif not keys:
        keys, missing = (known,), _ANONYMOUS
    return Match(keys, label, update_only, missing, renames)


def find_address(
    identifiers: Identifiers, known: Mapping[str, int], match: Match
) -> Address | Outcome | Refusal:
    """Where to send what concerns this person, and what must go before."""
    for key in match.keys:
        values = identifiers.get(key.identifier)
        if values:
            if key.key == ALIAS:
                return _by_alias(values, known, match, key.label or match.label)
            if key.key == EXTERNAL_ID:
                return _by_external_id(_external_id(values, identifiers, known, match), known, match)
            if key.key == BRAZE_ID:
                braze_id = _oldest(values)
                return Address("b:" + braze_id, b'"braze_id":' + msgspec.json.encode(braze_id))
            # The one that a mapping of the identifier gives, too.
            return _by_contact(key.key, latest(values), known, match)
    return match.missing


def _oldest(values: Mapping[str, Seen]) -> str:
    """The most stable choice: later ones come and go."""
    return min(values, key=lambda one: (values[one].first, one))


def _external_id(
    values: Mapping[str, Seen], identifiers: Identifiers, known: Mapping[str, int], match: Match
) -> Named:
    """The oldest one, which stays; where Braze may be told of another, the one that came last."""
    if match.renames is Renames.OFF:
        oldest = _oldest(values)
        return Named(oldest, oldest)
    every = [
        one
        for key in match.keys
        if key.key == EXTERNAL_ID
        for one in _by_age(identifiers.get(key.identifier, {}))
    ]
    return name_person(every, _by_age(values)[-1], known, match.renames)


def _by_age(values: Mapping[str, Seen]) -> list[str]:
    return sorted(values, key=lambda one: (values[one].first, one))


def _by_external_id(named: Named, known: Mapping[str, int], match: Match) -> Address | Refusal:
    user_id = named.current
    if len(user_id) * 4 > EXTERNAL_ID_BYTES_MAX and len(user_id.encode()) > EXTERNAL_ID_BYTES_MAX:
        return _EXTERNAL_ID_TOO_LONG
    fragment = b'"external_id":' + msgspec.json.encode(user_id)
    joins = _joins(fragment, known, match) if known and match.joins else ()
    return Address("e:" + named.origin, _ending(fragment, match), (*named.before, *joins))


def _by_alias(
    values: Mapping[str, Seen], known: Mapping[str, int], match: Match, label: str
) -> Address | Refusal:
    kept = (one for one in values if known.get(alias_mark(one, label, match)) in _REACHED)
    name = next(kept, "") or _oldest(values)
    if len(name.encode()) > ALIAS_BYTES_MAX:
        return _ALIAS_TOO_LONG
    fragment = alias_fragment(name, label)
    mark = alias_mark(name, label, match)
    before: tuple[Draft, ...] = ()
    if not match.update_only and known.get(mark) not in _REACHED:
        body = b"{" + fragment + b',"_update_existing_only":false}'
        before = (Draft("track", "attributes", body, {mark: CREATED}),)
    return Address("a:" + mark, _ending(fragment, match), before)


def _by_contact(kind: str, value: str, known: Mapping[str, int], match: Match) -> Address:
    fragment = b'"%s":%s' % (kind.encode(), msgspec.json.encode(value))
    # Beside a phone, an e-mail would be what Braze looks the person up by.
    taken: dict[str, JsonValue] = {kind: value} if kind == EMAIL else {kind: value, EMAIL: None}
    mark = f"\n{kind}\n{value}"
    before: tuple[Draft, ...] = ()
    if match.joins and known.get(mark, 0) <= 0:
        before = (Draft("track", "attributes", b"{" + fragment + b"}", {mark: CREATED}),)
    return Address(f"{CONTACTS[kind]}:{value}", _ending(fragment, match), before, taken)


def _ending(fragment: bytes, match: Match) -> bytes:
    """Every object of a goal that creates nobody says so."""
    return fragment + _UPDATE_ONLY if match.update_only else fragment


def _joins(fragment: bytes, known: Mapping[str, int], match: Match) -> tuple[Draft, ...]:
    """Join what stands alone, unless an alias's label is taken: Braze would ignore it."""
    taken = {_label_of(mark, match) for mark, state in known.items() if state == IDENTIFIED}
    drafts: list[Draft] = []
    for mark, state in known.items():
        if state != CREATED:
            continue
        start, is_marked, rest = mark.partition("\n")
        if is_marked and not start:
            kind, _, value = rest.partition("\n")
            channel, array = JOINS[kind]
            wish = msgspec.json.encode({kind: value, "prioritization": PRIORITIES})
            drafts.append(Draft(channel, array, b"{" + fragment + b"," + wish[1:], {mark: IDENTIFIED}))
        elif (label := _label_of(mark, match)) not in taken:
            taken.add(label)
            body = b"{" + fragment + b"," + alias_fragment(rest or start, label) + b"}"
            drafts.append(Draft("identify", "aliases_to_identify", body, {mark: IDENTIFIED}))
    return tuple(drafts)


def alias_mark(name: str, label: str, match: Match) -> str:
    """How an alias is remembered: by its name alone under the connection's label; no label is empty, so
    nobody can choose a name that reads as an e-mail."""
    return name if label == match.label and "\n" not in name else f"{label}\n{name}"


def read_alias(mark: str, own_label: str) -> tuple[str, str] | None:
    """Name and label of a remembered alias, under the connection's label unless it says so; None for an
    e-mail or phone."""
    start, is_marked, rest = mark.partition("\n")
    if is_marked and not start:
        return None
    return (rest, start) if is_marked else (start, own_label)


def _label_of(mark: str, match: Match) -> str:
    """The label of a remembered alias; of e-mails and phones nothing, which is no label."""
    label, is_labelled, _ = mark.partition("\n")
    return label if is_labelled else match.label


def alias_fragment(name: str, label: str) -> bytes:
    """The JSON that names a user by an alias."""
    return b'"user_alias":' + msgspec.json.encode({"alias_name": name, "alias_label": label})
