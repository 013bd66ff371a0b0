"""What nobody counts yet, read from the log for a preview, where the log is short enough for that.

In: event conditions that no profile has an answer to. Out: their aggregates of everyone, or None: there are
more events than can be read while somebody waits, and then only a fill can tell.
"""

from collections.abc import Callable, Sequence
from contextlib import closing

from onefold.api.workspace import Workspace
from onefold.backends.embedded.event_totals import TotalsFilter
from onefold.backends.embedded.everyone import Everyone
from onefold.backends.embedded.fill_state import EmbeddedFillState
from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.model.segment import EventCondition
from onefold.pipeline.past import Aggregates, Past, add_up
from onefold.segment.preview import features_needed

EVENTS_MAX = 50_000
"""Events of the names that are asked for: so many are read in about a second; more are not begun with."""
BUCKETS_MAX = 200_000
"""A tenth of what a fill may hold: this is the process that captures."""
ROWS_MAX = 2
"""Rows of the trace between two looks at the clock."""


def read_past(
    workspace: Workspace,
    needs: Sequence[EventCondition],
    everyone: Everyone,
    *,
    is_over: Callable[[], bool],
) -> Aggregates | None:
    """What these conditions count, by who people are now; None where that cannot be read in time."""
    names = {one.event for one in needs}
    if sum(_count(workspace, name) for name in names) > EVENTS_MAX:
        return None
    # Of those merged away, too: what they did is now of whom they were merged into.
    last_id = workspace.people.position().next_profile_id - 1
    with (
        closing(EmbeddedLogReader(workspace.data_dir)) as log,
        closing(EmbeddedFillState(workspace.data_dir)) as state,
    ):
        past = Past(
            features_needed(needs),
            state.applied_to(),
            log,
            state,
            workspace.make_reader(),
            buckets_max=BUCKETS_MAX,
            rows_max=ROWS_MAX,
        )
        for _ in past.read_for(1, last_id):
            if is_over() or past.up_to < last_id:
                return None
        found = past.take(1, last_id)
    return add_up(found, everyone.survivors(list(found)))


def _count(workspace: Workspace, event: str) -> int:
    return sum(one.count for one in workspace.totals.page((), TotalsFilter(event=event)))
