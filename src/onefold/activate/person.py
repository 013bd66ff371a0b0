"""The parts of a profile that activation reads; the rest stays undecoded.

A lean view of `model/profile.py` (same order of fields, which a test holds): decoding all counters of
everyone touched would cost more than everything else here.
"""

import msgspec

from onefold.model.consent import Consent, ConsentState
from onefold.model.interaction import Interactions
from onefold.model.profile import Counter, Seen, Trait


class Person(msgspec.Struct, array_like=True, gc=False):
    """One profile, seen from activation."""

    id: int
    first_seen: int
    last_seen: int
    identifiers: dict[str, dict[str, Seen]] = {}
    traits: msgspec.Raw = msgspec.Raw(b"\x80")
    counters: msgspec.Raw = msgspec.Raw(b"\x80")
    memberships: bytes = b""
    member_since: msgspec.Raw = msgspec.Raw(b"\x80")
    timer_at: int = 0
    refused: msgspec.Raw = msgspec.Raw(b"\x90")
    consents: dict[str, Consent] = {}
    interactions: msgspec.Raw = msgspec.Raw(b"\x80")

    def is_member(self, segment_id: int) -> bool:
        """Whether the profile is in a segment."""
        byte = segment_id >> 3
        return byte < len(self.memberships) and bool(self.memberships[byte] >> (segment_id & 7) & 1)

    def has_consented(self, purpose: str) -> bool:
        """Whether the person allows that; whoever said nothing does not."""
        found = self.consents.get(purpose)
        return found is not None and found.state is ConsentState.CONSENTED


decode_person = msgspec.msgpack.Decoder(Person).decode
decode_traits = msgspec.msgpack.Decoder(dict[str, Trait]).decode
decode_interactions = msgspec.msgpack.Decoder(Interactions).decode
decode_counters = msgspec.msgpack.Decoder(dict[str, Counter]).decode
