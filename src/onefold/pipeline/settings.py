"""What an operator may set about the fold itself; the role's own settings stand in `runtime/settings.py`."""

from typing import Annotated

import msgspec


class WorkerSettings(msgspec.Struct, frozen=True):
    """Sizes of the worker's batches and caches."""

    batch_events_max: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            le=10_000,
            description="Events of one commit at most. More only adds latency: "
            "beyond 2,000 an event costs no less.",
        ),
    ] = 1000
    profiles_cached: Annotated[
        int,
        msgspec.Meta(ge=0, description="Profiles kept decoded in memory, 5 to 10 KB each."),
    ] = 20_000
    identifiers_cached: Annotated[
        int,
        msgspec.Meta(ge=0, description="Identifiers whose profile is kept in memory, about 200 bytes each."),
    ] = 100_000
