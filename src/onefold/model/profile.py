"""A profile: all that we know of one person, as the fold of the log left it.

Stored as msgpack (`encode_profile`, `decode_profile`). Everything in it commutes: traits are last writer
wins, identifiers are sets with first and last seen, counters add. Feature keys of `counters`:

    c:<event>                     how often (a track by its name, others as `$page`, `$identify`, …)
    s:<event>:revenue:<currency>  what `properties.revenue` (else `total`) adds up to
    f:…                           what a segment asked for (`segment.evaluator.Feature.key`)
"""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from onefold.clock import HOUR
from onefold.model.consent import Consent, ConsentState
from onefold.model.interaction import Interactions
from onefold.model.json import JsonValue

HOURS_KEPT = 48
"""Hour buckets live so long; a longer window counts days."""

NEVER = -2_208_988_800_000_000
"""`last_seen` of who never did anything, but stands in an imported list. Nothing happens before it (1900)."""

Amount = int | Decimal
"""A count, or an exact sum."""
WHOLE_MAX = 10**9
"""Larger whole amounts are decimals, which have no end: a few thousand of them would leave the 64 bits in
which a profile is stored, and anyone may send them. Of smaller ones it takes billions a day."""


class Part(msgspec.Struct, array_like=True, gc=False):
    """What one event put into a trait beside the others: an element of a list, or an amount of a sum."""

    value: JsonValue
    """The element, or the amount as a decimal text."""
    occurred_at: int
    event_hash: int
    source_id: int = 0
    run_id: str = ""
    is_amount: bool = False


class Trait(msgspec.Struct, array_like=True, gc=False):
    """A named value with what decides between two writers: (rank, occurred_at, event_hash), highest wins.

    A `value` of None is a tombstone: the trait was removed. A trait may be composed: of the last plain write
    (`base`, which the fields above `run_id` are about) and the `parts` that came after it; then `value` is
    what they make together (`unify.traits`).
    """

    value: JsonValue
    occurred_at: int
    event_hash: int
    rank: int = 1
    """0 for *set if empty*, 1 for a plain write, -1 if there are parts only."""
    source_id: int = 0
    run_id: str = ""
    """The import that wrote it."""
    base: JsonValue = None
    parts: dict[str, Part] | None = None
    """By what they are (an element's JSON, an amount's event): sending one twice changes nothing."""


class Seen(msgspec.Struct, array_like=True, gc=False):
    """When an identifier occurred first and last with this profile (microseconds UTC)."""

    first: int
    last: int


def latest(values: Mapping[str, Seen]) -> str:
    """Of the identifiers of a kind the one seen last: where a person can be reached now."""
    return max(values, key=lambda value: (values[value].last, value))


class Counter(msgspec.Struct, array_like=True, gc=False):
    """What a feature adds up to: `days` for ever, `hours` for the last 48 (older buckets may linger)."""

    days: dict[int, Amount] = {}
    """day number (`clock.day_of`) -> amount."""
    hours: dict[int, Amount] = {}
    """hour number (`clock.hour_of`) -> amount."""


class Profile(msgspec.Struct, array_like=True, gc=False):
    """One person. `id` is small and never reused; a merged one lives on as an alias of the survivor."""

    id: int
    first_seen: int
    last_seen: int
    identifiers: dict[str, dict[str, Seen]] = {}
    """kind -> normalised value -> when."""
    traits: dict[str, Trait] = {}
    """Includes tombstones: read values by `trait()`."""
    counters: dict[str, Counter] = {}
    memberships: bytes = b""
    """Little-endian bits, one a segment id: read by `mask`, write by `set_mask`."""
    member_since: dict[int, int] = {}
    """segment id -> clock at which the profile entered."""
    timer_at: int = 0
    """When a window or date may flip a membership without an event; 0 = never."""
    refused: list[str] = []
    """Identifier keys whose link was refused once: the evidence is written for the first only."""
    consents: dict[str, Consent] = {}
    """purpose -> the statement that stands."""
    interactions: Interactions = {}
    """Messages and content that the person saw: the latest so many (`unify.interaction`). Added last, as each
    piece: so profiles stored before can be read."""

    @property
    def mask(self) -> int:
        """Bit n is set if the profile is in the segment n."""
        return int.from_bytes(self.memberships, "little")

    def set_mask(self, mask: int) -> None:
        """Store the memberships given as bits."""
        self.memberships = mask.to_bytes((mask.bit_length() + 7) // 8, "little")

    @property
    def user_id(self) -> str:
        """The one user_id, or an empty text."""
        for value in self.identifiers.get("user_id", ()):
            return value
        return ""

    def trait(self, name: str) -> JsonValue:
        """The trait's value; None if it was never set or was removed."""
        found = self.traits.get(name)
        return None if found is None else found.value

    def consent(self, purpose: str) -> ConsentState:
        """What the person said about a purpose; unset if nothing."""
        found = self.consents.get(purpose)
        return ConsentState.UNSET if found is None else found.state


def storable(amount: Amount) -> Amount:
    """The same amount, in a form whose totals can be stored."""
    return amount if isinstance(amount, Decimal) or -WHOLE_MAX <= amount <= WHOLE_MAX else Decimal(amount)


_encoder = msgspec.msgpack.Encoder(decimal_format="string")
_decoder = msgspec.msgpack.Decoder(Profile)


def encode_profile(profile: Profile) -> bytes:
    """The stored form; equal profiles built by equal steps give equal bytes."""
    return _encoder.encode(profile)


def decode_profile(body: bytes) -> Profile:
    """The profile of its stored form."""
    return _decoder.decode(body)


def canonical_profile(profile: Profile, clock: int) -> JsonValue:
    """Plain data that is equal for profiles that mean the same at `clock`, whatever order built them.

    Sorted, without the internal id, without hour buckets that no window can reach any more, and without the
    timer: an early one may stay in place, where it fires in vain.
    """
    oldest = clock // HOUR - HOURS_KEPT
    return {
        "first_seen": profile.first_seen,
        "last_seen": profile.last_seen,
        "identifiers": {
            kind: {value: (seen.first, seen.last) for value, seen in sorted(values.items())}
            for kind, values in sorted(profile.identifiers.items())
            if values
        },
        "traits": {
            name: (
                trait.value,
                trait.occurred_at,
                trait.event_hash,
                trait.rank,
                trait.source_id,
                trait.run_id,
                trait.base,
                sorted((key, msgspec.structs.astuple(part)) for key, part in (trait.parts or {}).items()),
            )
            for name, trait in sorted(profile.traits.items())
        },
        "counters": {
            key: (
                sorted(counter.days.items()),
                sorted((hour, amount) for hour, amount in counter.hours.items() if hour > oldest),
            )
            for key, counter in sorted(profile.counters.items())
        },
        "memberships": profile.mask,
        "consents": {purpose: msgspec.to_builtins(one) for purpose, one in sorted(profile.consents.items())},
        "interactions": {
            channel: {one_id: msgspec.to_builtins(one) for one_id, one in sorted(ones.items())}
            for channel, ones in sorted(profile.interactions.items())
        },
    }
