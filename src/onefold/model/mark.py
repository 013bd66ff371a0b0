"""A mark: how far long work has come with what it appends, kept in the log beside it.

Records, counts, dead letters and the mark are one commit: whoever goes on, after any crash, begins behind
what is there, and a batch that is offered twice is there once.
"""

import msgspec


class Mark(msgspec.Struct, frozen=True):
    """`run_id` brought `name` from `after` to `position`; `passed` and `rejected` are that run's so far."""

    name: str
    """What is done only once, such as the import of one content by one mapping."""
    run_id: str
    after: int
    """Where the log's mark must stand for this to be next (0: it has none)."""
    position: int
    passed: int = 0
    rejected: int = 0
    at: int = 0
    """When it was written; the log says."""
