"""How long what is derived from the log is kept, beside the records themselves (`log.retention_days`).

Each owner of a file trims its own, some hundred rows a transaction, so that nobody waits for it.
"""

from typing import Annotated

from msgspec import Meta, Struct


class Retention(Struct, frozen=True, kw_only=True):
    """How long things are kept; events and dead letters: see `log`."""

    audit_days: Annotated[int, Meta(ge=1, le=3_650, description="The audit trail.")] = 730
    run_days: Annotated[int, Meta(ge=1, le=3_650, description="Finished runs and their counts.")] = 365
    upload_days: Annotated[
        int, Meta(ge=1, le=365, description="Uploaded files of imports that have ended.")
    ] = 7
    counter_days: Annotated[
        int,
        Meta(
            ge=2,
            le=365,
            description="Days for which counters are kept by the minute; older ones are added up by the day. "
            "Totals stay exact.",
        ),
    ] = 7
    change_days: Annotated[
        int,
        Meta(
            ge=1,
            le=365,
            description="Changes of profiles that activation may still have to read. A goal that is further "
            "behind compares everyone instead, or, if it sends events, reads them from the log.",
        ),
    ] = 7
    membership_log_days: Annotated[
        int,
        Meta(
            ge=0,
            le=36_500,
            description="Who entered and left which segment when (0: for ever). Memberships stay.",
        ),
    ] = 400
    link_days: Annotated[
        int,
        Meta(
            ge=0,
            le=36_500,
            description="Evidence of why identifiers belong together (0: for ever, which undoing a merge "
            "needs). The profiles stay as they are.",
        ),
    ] = 0
    attempts_max: Annotated[
        int,
        Meta(
            ge=1_000,
            le=100_000_000,
            description="Tries of deliveries kept for traces, about 2 KB each; the oldest go first.",
        ),
    ] = 200_000
