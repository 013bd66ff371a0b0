"""What a record about the rules of identity does to the state: from it on, events are read by them.

In: one IDENTITY_PUT record. Out: `Writes`. Nobody's profile changes by it: what an event said before is
known by the rules of before. A record that comes twice, or behind a newer one, says nothing; one that cannot
be read becomes a dead letter, and the rules stay.
"""

import msgspec

from onefold.model.identity_rules import IdentityPut, IdentityRules
from onefold.model.record import Record
from onefold.pipeline.store import IdentityRow, Position, Writes
from onefold.pipeline.tally import Tally
from onefold.unify.read import Refusal

BAD_IDENTITY = "unify.bad_identity"


def apply_identity(
    record: Record, clock: int, before: Position, known: IdentityRow | None, default: IdentityRules
) -> Writes:
    """What must be committed; `identity` of it ends with the rules that hold then, or is empty.

    Args:
        record: what says the rules.
        clock: the fold's, at that record.
        before: where the state stands.
        known: the rules that hold, if a record said them.
        default: those that hold otherwise. The first record writes them down: a replay begins with them,
            whatever the server's settings say by then.
    """
    writes = Writes(Position(record.offset, clock, before.next_profile_id, before.known))
    try:
        put = msgspec.json.decode(record.body, type=IdentityPut)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        tally = Tally()
        reason = "The record about the rules of identity cannot be read."
        tally.add_letter(Refusal(BAD_IDENTITY, "", reason, record.body), record.source_id, clock)
        tally.fill(writes)
        return writes
    if known is not None and put.version <= known.version:
        return writes
    if known is None:
        writes.identity = [IdentityRow(0, 0, 0, default)]
    writes.identity.append(IdentityRow(record.offset, put.version, record.received_at, put.rules))
    return writes
