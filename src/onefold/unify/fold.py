"""What an event adds to a profile, and how two profiles become one. Every piece commutes.

In: a profile and one read event, or two profiles. Out: the first profile, changed in place.
"""

from collections.abc import Iterator

from onefold.clock import DAY, HOUR
from onefold.model.profile import HOURS_KEPT, Amount, Counter, Profile, Seen, Trait
from onefold.unify.read import Reading

FEATURES_MAX = 1000
"""Event names (and their revenue) counted a profile: more are noise of a sender that puts data into names."""
PROFILE_TRAITS_MAX = 2000
"""Traits kept a profile, tombstones included."""
PLAIN_RANK = 1
REFUSED_MAX = 100
"""Refused links remembered a profile, so that their evidence is written once."""


def fold(profile: Profile, event: Reading, clock: int) -> None:
    """Add what the event says. `clock` decides only how long hour buckets live."""
    at = event.occurred_at
    # Comparing costs a third of calling min and max, and this runs for every event.
    if at < profile.first_seen:  # noqa: PLR1730
        profile.first_seen = at
    if at > profile.last_seen:  # noqa: PLR1730
        profile.last_seen = at
    _see(profile, event, at)
    if event.traits:
        _write_traits(profile, event)
    oldest_hour = clock // HOUR - HOURS_KEPT
    add_amount(profile, f"c:{event.name}", at, 1, oldest_hour)
    if event.revenue is not None:
        add_amount(profile, f"s:{event.name}:revenue:{event.currency}", at, event.revenue, oldest_hour)
    if event.amounts:
        for key, amount in event.amounts:
            add_amount(profile, key, at, amount, oldest_hour)


def add_amount(profile: Profile, key: str, at: int, amount: Amount, oldest_hour: int) -> None:
    """Add to a feature's day, and to its hour if that is one of the last 48."""
    counter = profile.counters.get(key)
    if counter is None:
        if len(profile.counters) >= FEATURES_MAX and not key.startswith("f:"):
            return
        counter = profile.counters[key] = Counter({}, {})
    day = at // DAY
    days = counter.days
    days[day] = days.get(day, 0) + amount
    hour = at // HOUR
    if hour <= oldest_hour:
        return
    hours = counter.hours
    if hour in hours:
        hours[hour] += amount
        return
    # A new bucket is the moment to drop those that no window reaches any more.
    if hours and min(hours) <= oldest_hour:
        counter.hours = hours = {one: value for one, value in hours.items() if one > oldest_hour}
    hours[hour] = amount


def merge_profiles(survivor: Profile, loser: Profile) -> None:
    """Join the loser into the survivor. Memberships are not joined: the segments decide anew."""
    survivor.first_seen = min(survivor.first_seen, loser.first_seen)
    survivor.last_seen = max(survivor.last_seen, loser.last_seen)
    for kind, values in loser.identifiers.items():
        into = survivor.identifiers.setdefault(kind, {})
        for value, seen in values.items():
            _join_seen(into, value, seen.first, seen.last)
    for name, trait in loser.traits.items():
        write_trait(survivor, name, trait)
    for key, counter in loser.counters.items():
        _merge_counter(survivor, key, counter)
    known = set(survivor.refused)
    survivor.refused += [key for key in loser.refused if key not in known][: REFUSED_MAX - len(known)]


def merge_amounts(into: dict[int, Amount], amounts: Iterator[tuple[int, Amount]]) -> None:
    """Add buckets to buckets."""
    for bucket, amount in amounts:
        into[bucket] = into.get(bucket, 0) + amount


def write_trait(profile: Profile, name: str, trait: Trait) -> None:
    """Keep the later of two writes: by rank, then time, then event."""
    found = profile.traits.get(name)
    if found is None:
        if len(profile.traits) < PROFILE_TRAITS_MAX:
            profile.traits[name] = trait
        return
    if (trait.rank, trait.occurred_at, trait.event_hash) >= (found.rank, found.occurred_at, found.event_hash):
        profile.traits[name] = trait


def _write_traits(profile: Profile, event: Reading) -> None:
    for name, value in (event.traits or {}).items():
        write_trait(
            profile, name, Trait(value, event.occurred_at, event.event_hash, PLAIN_RANK, event.source_id)
        )


def _see(profile: Profile, event: Reading, at: int) -> None:
    """When the event's identifiers were seen; those that it was refused are not the profile's."""
    known = profile.identifiers
    for identifier in event.identifiers:
        values = known.get(identifier.kind)
        seen = values.get(identifier.value) if values is not None else None
        if seen is None:
            continue
        if at < seen.first:  # noqa: PLR1730
            seen.first = at
        if at > seen.last:  # noqa: PLR1730
            seen.last = at


def _join_seen(into: dict[str, Seen], value: str, first: int, last: int) -> None:
    seen = into.get(value)
    if seen is None:
        into[value] = Seen(first, last)
    else:
        seen.first = min(seen.first, first)
        seen.last = max(seen.last, last)


def _merge_counter(survivor: Profile, key: str, counter: Counter) -> None:
    found = survivor.counters.get(key)
    if found is None:
        # A copy: the loser may still be looked at.
        survivor.counters[key] = Counter(dict(counter.days), dict(counter.hours))
        return
    merge_amounts(found.days, iter(counter.days.items()))
    merge_amounts(found.hours, iter(counter.hours.items()))
