"""A segment of the local Braze: a name, and who is in it.

In: a definition from the control API: a list of external ids, one simple test of a profile, or neither
(everyone). Out: its people, one after the other, so that a segment of any size needs no memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from onefold.sandbox.braze.profile import Profile
from onefold.sandbox.braze.store import Store

SEGMENTS_MAX = 1_000
# People are looked up in slices, so that those who come and go in between do not disturb.
SLICE_USERS = 1_000


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One test: an attribute (with a comparison, or merely there), an event, a purchase or a group."""

    attribute: str | None = None
    event: str | None = None
    purchase: str | None = None
    subscription_group: str | None = None
    equals: str | int | float | bool | None = None
    contains: str | int | float | None = None
    above: float | None = None
    below: float | None = None
    count_at_least: int = 1
    state: Literal["subscribed", "unsubscribed"] = "subscribed"

    def __post_init__(self) -> None:
        """Refuse a test that says nothing or two things."""
        subjects = (self.attribute, self.event, self.purchase, self.subscription_group)
        if sum(subject is not None for subject in subjects) != 1:
            raise ValueError("exactly one of attribute, event, purchase, subscription_group")

    def matches(self, profile: Profile) -> bool:
        """Whether the person passes."""
        if self.event is not None:
            return _count(profile.events, self.event) >= self.count_at_least
        if self.purchase is not None:
            return _count(profile.purchases, self.purchase) >= self.count_at_least
        if self.subscription_group is not None:
            return (profile.groups or {}).get(self.subscription_group) == self.state
        return self._matches_value(_value_of(profile, self.attribute or ""))

    def _matches_value(self, value: object) -> bool:
        if value is None:
            return False
        if self.equals is not None and value != self.equals:
            return False
        if self.contains is not None and not _contains(value, self.contains):
            return False
        if self.above is None and self.below is None:
            return True
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return (self.above is None or value > self.above) and (self.below is None or value < self.below)

    def text(self) -> str:
        """Say the test in words, as the details of a segment do."""
        if self.event is not None:
            return f"Has done custom event {self.event} at least {self.count_at_least} times"
        if self.purchase is not None:
            return f"Has purchased product {self.purchase} at least {self.count_at_least} times"
        if self.subscription_group is not None:
            return f"Subscription group {self.subscription_group} is {self.state}"
        tests = [
            f"{word} {limit}"
            for word, limit in (
                ("equals", self.equals),
                ("includes", self.contains),
                ("is more than", self.above),
                ("is less than", self.below),
            )
            if limit is not None
        ]
        return f"{self.attribute} {' and '.join(tests) or 'exists'}"


class NewSegment(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the control API takes."""

    name: str
    id: str | None = None
    description: str = ""
    tags: list[str] = []
    teams: list[str] = []
    analytics_tracking_enabled: bool = True
    external_ids: list[str] | None = None
    filter: Filter | None = None

    def __post_init__(self) -> None:
        """Refuse two answers to who is in it."""
        if self.external_ids is not None and self.filter is not None:
            raise ValueError("external_ids or filter, not both")


class Segment(msgspec.Struct, kw_only=True):
    """A segment with its identifier and times in epoch seconds."""

    id: str
    definition: NewSegment
    created_at: float
    updated_at: float

    def members(self, store: Store) -> Iterator[Profile]:
        """Yield who is in it now, in order of creation or of the list."""
        ids, test = self.definition.external_ids, self.definition.filter
        if ids is not None:
            for external_id in ids:
                profile = store.by_external_id(external_id)
                if profile is not None:
                    yield profile
            return
        last = 0
        while True:
            people = list(store.page(last, SLICE_USERS))
            if not people:
                return
            yield from people if test is None else filter(test.matches, people)
            last = people[-1].seq

    def text(self) -> str:
        """Say who is in it."""
        if self.definition.external_ids is not None:
            return "External user ID is one of a list"
        return self.definition.filter.text() if self.definition.filter is not None else "All users"


def _count(tallies: object, name: str) -> int:
    tally = tallies.get(name) if isinstance(tallies, dict) else None
    return 0 if tally is None else tally.count


def _value_of(profile: Profile, name: str) -> object:
    if name in ("random_bucket", "external_id", "braze_id"):
        return getattr(profile, name)
    return profile.custom[name] if name in profile.custom else profile.standard.get(name)


def _contains(value: object, wanted: object) -> bool:
    if isinstance(value, list):
        return wanted in value
    return isinstance(value, str) and str(wanted) in value
