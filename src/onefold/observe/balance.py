"""Whether the books balance: nothing may get lost between two stages, or within one.

In: a `Look`, and for a deep check what the files hold. Out: the sums that do not agree, in words;
none is what a healthy workspace gives at any moment. Tests and operators ask; nothing repairs by it.
"""

from collections.abc import Mapping
from typing import Protocol

from onefold.model.outcome import Kind
from onefold.observe.look import Look
from onefold.observe.totals import StageTotals


class Books(Protocol):
    """The same counts once more, from the rows that they count. Costs a pass over them."""

    def events_in_log(self) -> int | None:
        """Events that the records hold; None once retention has removed some."""
        ...

    def outcomes_in_batches(self) -> Mapping[Kind, int] | None:
        """Outcomes of all batches; None once some were retired."""
        ...


def check_balance(look: Look) -> list[str]:
    """What one stage handed on, the next has received, or it waits."""
    stages = look.stages
    captured, folded = stages["capture"].by_kind[Kind.PASSED], _ended(stages["unify"])
    problems = []
    waiting = look.waiting.get("unify", 0)
    if captured != folded + waiting:
        problems.append(f"capture passed {captured}; unify received {folded}, and {waiting} wait")
    unified, segmented = stages["unify"].by_kind[Kind.PASSED], _ended(stages["segment"])
    if unified != segmented:
        problems.append(f"unify passed {unified}; segment received {segmented}")
    for name, stage in stages.items():
        reasons = sum(stage.reasons.values())
        left_out = stage.by_kind[Kind.FILTERED] + stage.by_kind[Kind.REJECTED]
        if reasons != left_out:
            problems.append(f"{name} filtered and rejected {left_out}; the reasons add up to {reasons}")
    return problems


def check_books(look: Look, books: Books) -> list[str]:
    """The counters against the rows. Ask while nothing moves."""
    problems = []
    captured, events = look.stages["capture"].by_kind[Kind.PASSED], books.events_in_log()
    if events is not None and events != captured:
        problems.append(f"capture passed {captured}; the log holds {events} events")
    outcomes = books.outcomes_in_batches()
    if outcomes is not None:
        unify = look.stages["unify"].by_kind
        problems += [
            f"unify counted {unify[kind]} {kind.name.lower()}; the batches hold {outcomes.get(kind, 0)}"
            for kind in (Kind.PASSED, Kind.FILTERED, Kind.REJECTED)
            if unify[kind] != outcomes.get(kind, 0)
        ]
    return problems


def _ended(stage: StageTotals) -> int:
    return sum(stage.by_kind.values())
