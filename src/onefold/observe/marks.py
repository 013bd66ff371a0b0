"""Marks: a number for each kind of thing that pages show, and another one once something of it moved.

In: a `Look`. Out: `Marks`. Pure: made of what a look holds, so that a mark costs next to nothing. A number
tells that something moved, never what: whoever follows it asks the route that shows it, by the right for it.
"""

from collections import Counter
from typing import Annotated
from zlib import crc32

import msgspec

from onefold.clock import MINUTE
from onefold.model.outcome import Kind
from onefold.observe.look import Look
from onefold.observe.store import DATA_POINTS

_encode = msgspec.json.Encoder().encode


class Marks(msgspec.Struct, frozen=True):
    """Whether a number is another one than before says that something moved; how it differs says nothing."""

    config: Annotated[
        int,
        msgspec.Meta(description="What people set up, decided or asked for."),
    ]
    events: Annotated[int, msgspec.Meta(description="What capture took in, filtered or refused.")]
    people: Annotated[
        int,
        msgspec.Meta(
            description="Profiles, what the worker made of events (identity, traits, memberships), its rules."
        ),
    ]
    segments: Annotated[int, msgspec.Meta(description="States and sizes of segments.")]
    deliveries: Annotated[
        int, msgspec.Meta(description="What was sent, what waits, and how the connections fare.")
    ]
    runs: Annotated[
        int, msgspec.Meta(description="Runs of any kind: begun, gone on, ended; and mails about them.")
    ]
    letters: Annotated[
        int, msgspec.Meta(description="Dead letters that came or went; decisions move `config`.")
    ]
    history: Annotated[int, msgspec.Meta(description="The last full minute in which anything was counted.")]


def build_marks(look: Look) -> Marks:
    """The marks of a look."""
    counted: Counter[str] = Counter()
    rejected = 0
    for (stage, _, kind, _), count in look.sums.items():
        counted[stage] += count
        rejected += count if kind is Kind.REJECTED else 0
    captured = counted.pop("capture", 0)
    sent = counted.pop("activate", 0) + counted.pop(DATA_POINTS, 0)
    delivery, worker = look.delivery, look.worker
    this_minute = look.at // MINUTE
    return Marks(
        config=look.config.mark,
        events=captured,
        people=_mark(counted.total(), worker.last_change, worker.rules_from, look.people),
        segments=_mark(worker.segments),
        deliveries=_mark(sent, delivery.waiting, delivery.for_budget, delivery.states, delivery.cursors),
        runs=_mark(delivery.runs_mark, look.tasks_mark),
        letters=_mark(rejected, look.letters),
        history=max((row.minute for row in look.recent if row.minute < this_minute), default=0),
    )


def _mark(*parts: object) -> int:
    return crc32(_encode(parts))
