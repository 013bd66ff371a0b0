"""What changed for one profile since a goal's destination last accepted it."""

import msgspec

from onefold.model.json import JsonValue

UNKNOWN = 0
"""Ledger mark of a field that the destination holds with a value that we do not know."""


class Delta(msgspec.Struct, gc=False):
    """`fields` to send (None removes one), and `marks`: the ledger's hash of each once it is accepted.

    A field whose mark is None leaves the ledger.
    """

    profile_id: int
    fields: dict[str, JsonValue]
    marks: dict[str, int | None]
