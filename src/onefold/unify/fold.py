"""What an event adds to a profile, and how two profiles become one. Every piece commutes.

In: a profile and one read event, or two profiles. Out: the first profile, changed in place.
"""

from collections.abc import Iterator, Sequence

from onefold.clock import DAY, HOUR
from onefold.model.consent import Consent, later
from onefold.model.event import IMPORT
from onefold.model.json import JsonValue
from onefold.model.profile import HOURS_KEPT, Amount, Counter, Profile, Seen, Trait
from onefold.unify.interaction import INTERACTIONS_MAX, add_viewed, merge_interactions
from onefold.unify.read import Reading
from onefold.unify.traits import PLAIN_RANK, Origin, make_trait, write_trait

FEATURES_MAX = 1000
"""Event names (and their revenue) counted a profile: more are noise of a sender that puts data into names."""
PROFILE_PURPOSES_MAX = 1000
"""Purposes kept a profile: ten times what one statement may name."""
REFUSED_MAX = 100
"""Refused links remembered a profile, so that their evidence is written once."""


def fold(
    profile: Profile, event: Reading, clock: int, interactions_max: int = INTERACTIONS_MAX
) -> Sequence[str]:
    """Add what the event says; returns the names of the traits whose value is another now.

    `clock` decides only how long hour buckets live.
    """
    at = event.occurred_at
    # Comparing costs a third of calling min and max, and this runs for every event.
    if at < profile.first_seen:  # noqa: PLR1730
        profile.first_seen = at
    _see(profile, event, at)
    if event.consents:
        event.dropped += not write_consents(profile, event.consents)
    if event.type == IMPORT:
        # A row of a list says what is known of the person, not that the person did anything.
        return _write_all(profile, event)
    if at > profile.last_seen:  # noqa: PLR1730
        profile.last_seen = at
    if event.viewed is not None:
        event.dropped += add_viewed(profile, event.viewed, at, event.event_hash, interactions_max)
    changed = _write_all(profile, event) if event.traits else ()
    oldest_hour = clock // HOUR - HOURS_KEPT
    if not add_amount(profile, f"c:{event.name}", at, 1, oldest_hour):
        event.dropped += 1
    if event.revenue is not None:
        add_amount(profile, f"s:{event.name}:revenue:{event.currency}", at, event.revenue, oldest_hour)
    if event.amounts:
        for key, amount in event.amounts:
            add_amount(profile, key, at, amount, oldest_hour)
    return changed


def add_amount(profile: Profile, key: str, at: int, amount: Amount, oldest_hour: int) -> bool:
    """Add to a feature's day, and to its hour if that is one of the last 48; False if there is no room."""
    counter = profile.counters.get(key)
    if counter is None:
        if len(profile.counters) >= FEATURES_MAX and not key.startswith("f:"):
            return False
        counter = profile.counters[key] = Counter({}, {})
    day = at // DAY
    days = counter.days
    days[day] = days.get(day, 0) + amount
    hour = at // HOUR
    if hour <= oldest_hour:
        return True
    hours = counter.hours
    if hour in hours:
        hours[hour] += amount
        return True
    # A new bucket is the moment to drop those that no window reaches any more.
    if hours and min(hours) <= oldest_hour:
        counter.hours = hours = {one: value for one, value in hours.items() if one > oldest_hour}
    hours[hour] = amount
    return True


def merge_profiles(survivor: Profile, loser: Profile, interactions_max: int = INTERACTIONS_MAX) -> None:
    """Join the loser into the survivor. Memberships are not joined: the segments decide anew."""
    survivor.first_seen = min(survivor.first_seen, loser.first_seen)
    survivor.last_seen = max(survivor.last_seen, loser.last_seen)
    for kind, values in loser.identifiers.items():
        into = survivor.identifiers.setdefault(kind, {})
        for value, seen in values.items():
            _join_seen(into, value, seen.first, seen.last)
    for name, trait in loser.traits.items():
        write_trait(survivor, name, trait)
    write_consents(survivor, loser.consents)
    merge_interactions(survivor, loser, interactions_max)
    for key, counter in loser.counters.items():
        _merge_counter(survivor, key, counter)
    known = set(survivor.refused)
    survivor.refused += [key for key in loser.refused if key not in known][: REFUSED_MAX - len(known)]


def merge_amounts(into: dict[int, Amount], amounts: Iterator[tuple[int, Amount]]) -> None:
    """Add buckets to buckets."""
    for bucket, amount in amounts:
        into[bucket] = into.get(bucket, 0) + amount


def write_consents(profile: Profile, consents: dict[str, Consent]) -> bool:
    """Keep the later of two statements about a purpose, evidence and all; False if one had no room."""
    known = profile.consents
    has_room = True
    for purpose, consent in consents.items():
        found = known.get(purpose)
        if found is not None:
            known[purpose] = later(consent, found)
        elif len(known) < PROFILE_PURPOSES_MAX:
            known[purpose] = consent
        else:
            has_room = False
    return has_room


def _write_all(profile: Profile, event: Reading) -> Sequence[str]:
    changed = []
    for name, trait in _written(event):
        before = profile.trait(name)
        if not write_trait(profile, name, trait):
            event.dropped += 1
        elif not _is_same(before, profile.trait(name)):
            changed.append(name)
    return changed


def _written(event: Reading) -> Iterator[tuple[str, Trait]]:
    at, event_hash, source_id = event.occurred_at, event.event_hash, event.source_id
    for name, value in (event.traits or {}).items():
        yield name, Trait(value, at, event_hash, PLAIN_RANK, source_id)
    if event.writes:
        origin = Origin(at, event_hash, source_id, event.run_id)
        for write in event.writes:
            trait = make_trait(write, origin)
            if trait is not None:
                yield write.name, trait


def _is_same(before: JsonValue, value: JsonValue) -> bool:
    # True equals 1 in Python, also inside of lists and objects; to a rule it does not.
    return type(before) is type(value) and before == value and type(value) not in (list, dict)


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
