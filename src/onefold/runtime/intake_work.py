"""What the run of an import goal does: an audience of a provider into the log, each row once.

In: a run that holds the goal as it was when it was asked for. Out: records, counts and dead letters, each
batch in one commit with the mark that says how far the run has come. Killed at any moment it goes on: with
the export that it has started, from the row behind the last commit.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from onefold.acquire.intake import Importer
from onefold.errors import OnefoldError, ThrottledError
from onefold.model.goal import Goal
from onefold.model.intake import Intake
from onefold.plugin.origin import Origin, Ticket, open_origin
from onefold.run.progress import Progress
from onefold.runtime.work_tools import Tools, append_batch, check, mark_of, opened

LOOK_S = 0.25
"""While it waits, a run looks so often whether it shall end."""
BUSY_S = 60.0
"""Braze exports a segment once at a time: how long to wait before asking again."""
BUSY_S_MAX = 7200.0
MARK_PREFIX = "intake"


def bring_in(progress: Progress, tools: Tools) -> str:
    """The work of a run of an import goal; safe to repeat from any place."""
    run = progress.run
    mark_name = f"{MARK_PREFIX}:{run.id}"
    mark = mark_of(tools, mark_name)
    if mark is not None:
        progress.restore(mark.position, passed=mark.passed, rejected=mark.rejected)
    check(progress)  # one that was cancelled while it waited for its turn asks the provider for nothing
    with open_intake(progress, tools) as (origin, goal, intake):
        hands = Hands(progress)
        ticket = begun(origin, goal, hands)
        importer = Importer(
            intake,
            source_id=int(run.arguments["source_id"]),
            run_id=run.id,
            occurred_at=ticket.started_at,
        )
        for batch in importer.batches(origin.read(goal, ticket, progress.position, hands)):
            check(progress)
            append_batch(batch, mark_name, progress, tools)
    run = progress.run
    words = f"Brought in {run.passed:,} of {progress.position:,} people"
    if run.filtered:
        words += f"; {run.filtered:,} have none of the identifiers"
    if run.rejected:
        words += f"; {run.rejected:,} could not be read: see the dead letters"
    return f"{words}."


@contextmanager
def open_intake(progress: Progress, tools: Tools) -> Iterator[tuple[Origin, Goal, Intake]]:
    """The connection of the run's goal, opened, and the goal as the run has it.

    Raises:
        OnefoldError: the connection or its connector is gone.
    """
    goal = msgspec.json.decode(str(progress.run.arguments["goal"]), type=Goal)
    with opened(tools, goal.connection_id, open_origin) as origin:
        if goal.intake is None:
            raise OnefoldError("acquire.no_connector", f"The goal {goal.name} cannot bring people in.")
        yield origin, goal, goal.intake


def begun(origin: Origin, goal: Goal, hands: "Hands") -> Ticket:
    """The export that the run has started before, or a new one; waits while the provider is busy."""
    kept = hands.kept()
    if kept is not None:
        return kept
    waited = 0.0
    while True:
        try:
            ticket = origin.begin(goal, hands.run_id)
        except ThrottledError as error:
            seconds = min(error.retry_after_s or BUSY_S, BUSY_S)
            if waited > BUSY_S_MAX:
                raise
            hands.wait(seconds, "waiting until the provider is free")
            waited += seconds
            continue
        hands.keep(ticket)
        return ticket


class Hands:
    """What the run lends to the connector (`plugin.origin.Hands`)."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.run_id = progress.run.id

    def wait(self, seconds: float, what: str) -> None:
        """Raises Cancelled or Interrupted when the run shall end."""
        run = self._progress.run
        self._progress.report(run.done, run.total, what)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            check(self._progress)
            time.sleep(min(left, LOOK_S))
        check(self._progress)

    def keep(self, ticket: Ticket) -> None:
        """With the run."""
        self._progress.note(ticket=msgspec.json.encode(ticket).decode())

    def kept(self) -> Ticket | None:
        """What an earlier attempt kept."""
        kept = self._progress.run.arguments.get("ticket")
        return msgspec.json.decode(str(kept), type=Ticket) if kept else None
