"""Which profile an event belongs to: the identity rules.

In: the event's identifiers, strongest first, and the people around. Out: its profile, with profiles made
and merged, identifiers attached and moved as the rules say, and evidence of what is new.

The rules, walking from the strongest identifier to the weakest:

1. Nobody knows any of them: a new profile with all of them.
2. The strongest one known names the profile; others that are new are attached to it, and profiles that
   others name are merged with it. The survivor is the one seen first, then the one with the lower id.
3. A profile has one user_id. Where two would meet, nothing is merged: a shared anonymous_id moves to the
   user who is identified now; any other identifier stays with its first holder (refused).
"""

from collections.abc import Sequence

from onefold.model.identifier import ANONYMOUS_ID, USER_ID
from onefold.model.profile import Profile, Seen
from onefold.unify.fold import REFUSED_MAX, merge_profiles
from onefold.unify.identify import EventIdentifier
from onefold.unify.link import IDENTIFIER_LIMIT, USER_ID_CONFLICT, Decision, Link, Origin
from onefold.unify.people import People

ALIAS = "alias"
IDENTIFIERS_MAX = 1000
"""Identifiers a profile: a person has fewer; a script that makes ids has more. Later ones are refused."""


def find_known(people: People, identifiers: Sequence[EventIdentifier]) -> Profile | None:
    """The profile that all of these identifiers name already: most events; else None."""
    ids = people.identifiers
    profile_id = 0
    for identifier in identifiers:
        holder_id = ids[identifier.key]
        if not holder_id or (profile_id and holder_id != profile_id):
            return None
        profile_id = holder_id
    return people.profiles[profile_id] if profile_id else None


def is_unknown(people: People, identifiers: Sequence[EventIdentifier]) -> bool:
    """Whether nobody has any of these identifiers."""
    ids = people.identifiers
    return not any(ids[identifier.key] for identifier in identifiers)


def resolve(
    people: People, identifiers: Sequence[EventIdentifier], occurred_at: int, origin: Origin
) -> Profile:
    """The profile of an event with at least one identifier, whatever must be done for it."""
    known = None if is_unknown(people, identifiers) else find_known(people, identifiers)
    return known or _Resolution(people, occurred_at, origin).run(identifiers)


class _Resolution:
    """One event whose identifiers do not simply name one profile."""

    __slots__ = ("anchor", "at", "contested", "fresh", "origin", "people", "target", "user")

    def __init__(self, people: People, occurred_at: int, origin: Origin) -> None:
        self.people = people
        self.at = occurred_at
        self.origin = origin
        self.target: Profile | None = None
        self.anchor = ""
        """The identifier that the profile was found by."""
        self.user = ""
        """The user_id that the profile has or is about to get."""
        self.fresh: list[EventIdentifier] = []
        self.contested: list[tuple[EventIdentifier, Profile | None, str]] = []

    def run(self, identifiers: Sequence[EventIdentifier]) -> Profile:
        for identifier in identifiers:
            holder_id = self.people.identifiers[identifier.key]
            if holder_id:
                self._known(identifier, self.people.profiles[holder_id])
            else:
                self._unknown(identifier)
        if self.target is None:
            self.target = self.people.add_profile(self.at)
        self.people.dirty.add(self.target.id)
        self._attach(self.target)
        for identifier, holder, reason in self.contested:
            self._settle(self.target, identifier, holder, reason)
        return self.target

    def _unknown(self, identifier: EventIdentifier) -> None:
        if self.origin.rule == ALIAS and self._is_other_reading(identifier):
            return
        if identifier.kind == USER_ID:
            if self.user:
                self.contested.append((identifier, None, USER_ID_CONFLICT))
                return
            self.user = identifier.value
        self.fresh.append(identifier)

    def _is_other_reading(self, identifier: EventIdentifier) -> bool:
        """An alias' previousId is read as user_id and as anonymous_id; one of them was not meant."""
        if identifier.kind == USER_ID:
            return bool(self.user)
        return any(one.kind == USER_ID and one.value == identifier.value for one, _, _ in self.contested)

    def _known(self, identifier: EventIdentifier, holder: Profile) -> None:
        user = holder.user_id
        if holder is self.target:
            return
        if self.user and user and user != self.user:
            self.contested.append((identifier, holder, USER_ID_CONFLICT))
        elif self.target is None:
            self.target, self.anchor = holder, identifier.key
            self.user = self.user or user
        elif _count(self.target) + _count(holder) > IDENTIFIERS_MAX:
            self.contested.append((identifier, holder, IDENTIFIER_LIMIT))
        else:
            self._merge(self.target, identifier, holder)
            self.user = self.user or user

    def _merge(self, target: Profile, identifier: EventIdentifier, holder: Profile) -> None:
        survivor, loser = sorted((target, holder), key=lambda one: (one.first_seen, one.id))
        people = self.people
        if _is_known(survivor) and _is_known(loser):
            people.known -= 1
        merge_profiles(survivor, loser, people.interactions_max)
        for kind, values in loser.identifiers.items():
            for value in values:
                people.assign(f"{kind}:{value}", survivor.id)
        del people.profiles[loser.id]
        people.dirty.discard(loser.id)
        people.dirty.add(survivor.id)
        people.merged.append((loser, survivor.id))
        self._note(identifier.key, Decision.MERGE, survivor, loser)
        self.target = survivor

    def _attach(self, target: Profile) -> None:
        room = IDENTIFIERS_MAX - _count(target)
        for identifier in self.fresh:
            if room <= 0:
                self._refuse(target, identifier, IDENTIFIER_LIMIT, None)
                continue
            room -= 1
            self._give(target, identifier)
            if self.anchor:
                self._note(identifier.key, Decision.ATTACH, target)
            else:
                self.anchor = identifier.key

    def _settle(
        self, target: Profile, identifier: EventIdentifier, holder: Profile | None, reason: str
    ) -> None:
        """The end of an identifier that the rules keep from the profile: moved, or refused."""
        moves = identifier.kind == ANONYMOUS_ID and reason == USER_ID_CONFLICT
        if holder is None or not moves or _count(target) >= IDENTIFIERS_MAX:
            self._refuse(target, identifier, reason, holder)
            return
        del holder.identifiers[identifier.kind][identifier.value]
        if not holder.identifiers[identifier.kind]:
            del holder.identifiers[identifier.kind]
        self.people.dirty.add(holder.id)
        self.people.disturbed.append(holder)
        self._give(target, identifier)
        self._note(identifier.key, Decision.MOVED, target, holder, reason)

    def _give(self, target: Profile, identifier: EventIdentifier) -> None:
        if identifier.kind != ANONYMOUS_ID and not _is_known(target):
            self.people.known += 1
        target.identifiers.setdefault(identifier.kind, {})[identifier.value] = Seen(self.at, self.at)
        self.people.assign(identifier.key, target.id)

    def _refuse(
        self, target: Profile, identifier: EventIdentifier, reason: str, holder: Profile | None
    ) -> None:
        """Evidence is written when it is new: the same pattern of event may come a thousand times."""
        if identifier.key in target.refused or len(target.refused) >= REFUSED_MAX:
            return
        target.refused.append(identifier.key)
        self._note(identifier.key, Decision.REFUSED, target, holder, reason)

    def _note(
        self, second: str, decision: Decision, target: Profile, other: Profile | None = None, reason: str = ""
    ) -> None:
        other_id = other.id if other is not None else 0
        self.people.links.append(
            Link(self.origin, self.anchor, second, decision, reason, target.id, other_id)
        )


def _is_known(profile: Profile) -> bool:
    """By more than anonymous ids."""
    return len(profile.identifiers) > (ANONYMOUS_ID in profile.identifiers)


def _count(profile: Profile) -> int:
    return sum(map(len, profile.identifiers.values()))
